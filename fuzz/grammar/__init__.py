"""Valid specs, at random: in comes Hypothesis' choice, out come specs that are valid whatever their params are."""

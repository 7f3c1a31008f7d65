"""What preprocessing and evaluation need beyond torchvision: modules of tensors, which know nothing of specs."""

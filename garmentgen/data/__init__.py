"""From photographs and masks to training batches: numpy and OpenCV only, no Paddle."""

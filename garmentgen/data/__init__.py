"""From photographs and masks to training batches: numpy and OpenCV only, no Paddle."""

from . import rle as rle

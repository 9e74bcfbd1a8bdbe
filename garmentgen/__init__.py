"""garmentgen: paint a label map, see a garment."""

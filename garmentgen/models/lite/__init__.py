"""The interactive model: what we train and ship."""

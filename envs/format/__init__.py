"""What ``scenario.yaml`` may say: its parts, how they are read, checked, written and put into words."""

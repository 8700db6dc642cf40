"""The environments' faces: PettingZoo's, Gymnasium's, one agent's, a whole community's."""

"""A scenario's year: calendar, loads, generation, cars, prices and tariffs, slot by slot."""

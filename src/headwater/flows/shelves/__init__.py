"""What changes in the catalog, for flows: prices that fall, stock that runs low, products that are back."""

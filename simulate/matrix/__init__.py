"""What breaks: the matrix of docs/reliability.md, a file for each neighbour of the product. Most mend themselves."""

class Refused(Exception):
    """Why a backup cannot be made, or will not be restored: one sentence for whoever runs it. Nothing was changed."""

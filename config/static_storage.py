from servestatic.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # it has no types
    """Files under a name that holds their hash; so does what a script imports, in a line that ends with `;`."""

    support_js_module_import_aggregation = True

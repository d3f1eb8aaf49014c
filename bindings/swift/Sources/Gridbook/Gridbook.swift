/// The values that cross the bridge are part of this module's interface: ``Visit``, ``GridbookError`` and so on.
@_exported import GridbookBindings

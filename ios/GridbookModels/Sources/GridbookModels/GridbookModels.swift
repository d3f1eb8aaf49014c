/// The values that models show are those of ``Gridbook``.
@_exported import Gridbook

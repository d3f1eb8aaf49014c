// swift-tools-version: 6.0
// The models of the iOS app's screens: Observation over bindings/swift, no UI toolkit. scripts/swift.sh builds and
// tests it after that package, whose generated bridge it needs.
import PackageDescription

let package = Package(
    name: "GridbookModels",
    platforms: [.iOS(.v17), .macOS(.v14)],
    products: [.library(name: "GridbookModels", targets: ["GridbookModels"])],
    dependencies: [.package(name: "Gridbook", path: "../../bindings/swift")],
    targets: [
        .target(name: "GridbookModels", dependencies: [.product(name: "Gridbook", package: "Gridbook")]),
        // An app in which someone types into a form until it is killed.
        .executableTarget(name: "Typist", dependencies: ["GridbookModels"], path: "Tests/Typist"),
        .testTarget(
            name: "GridbookModelsTests",
            dependencies: ["GridbookModels", "Typist", .product(name: "GridbookTown", package: "Gridbook")]
        ),
    ]
)

// swift-tools-version: 6.0
// Gridbook for iOS, macOS and Linux. The generated bridge is written by scripts/swift.sh, which also builds the library
// and runs the tests. Where GridbookFFI.xcframework lies here (`make xcframework`), an app links that instead.
import Foundation
import PackageDescription

let framework = "GridbookFFI.xcframework"
let packaged = FileManager.default.fileExists(atPath: "\(Context.packageDirectory)/\(framework)")

let package = Package(
    name: "Gridbook",
    platforms: [.iOS(.v17), .macOS(.v14)],
    products: [
        .library(name: "Gridbook", targets: ["Gridbook"]),
        // For tests alone, those of ios/GridbookModels too.
        .library(name: "GridbookTown", targets: ["GridbookTown"]),
    ],
    targets: [
        packaged
            ? .binaryTarget(name: "GridbookFFI", path: framework)
            : .systemLibrary(name: "GridbookFFI"),
        // By itself: generated code is of the language of Swift 5, the layer over it is not.
        .target(
            name: "GridbookBindings",
            dependencies: ["GridbookFFI"],
            swiftSettings: [.swiftLanguageMode(.v5)],
            // The platform's certificates are Security's.
            linkerSettings: packaged ? [.linkedFramework("Security")] : [.linkedLibrary("gridbook_bindings")]
        ),
        .target(name: "Gridbook", dependencies: ["GridbookBindings"]),
        // A server process, its network and the phones around it: what the stories are told with.
        .target(name: "GridbookTown", dependencies: ["Gridbook"], path: "Tests/Town"),
        // An app that types and saves until it is killed.
        .executableTarget(name: "Doomed", dependencies: ["Gridbook"], path: "Tests/Doomed"),
        // What a call costs: `make bench-jvm` runs it.
        .executableTarget(name: "Bench", dependencies: ["Gridbook", "GridbookBindings"], path: "Tests/Bench"),
        .testTarget(name: "GridbookTests", dependencies: ["Gridbook", "GridbookTown", "Doomed"]),
    ]
)

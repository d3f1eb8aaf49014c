import Foundation
import Gridbook
import GridbookTown
import Testing

/// The stories of docs/PHONES.md, each in a town of its own, one after the other: each has a server process.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct Stories {}

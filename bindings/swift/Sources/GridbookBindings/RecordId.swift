import Foundation

/// What the generated code asks for. Foundation's own `UUID(uuidString:)` reads with `scanf` on Linux, which takes longer
/// than all else of a list's row.
extension UUID {
    /// The id that the core writes as 32 digits and four dashes.
    init(core text: String) {
        var (high, low, digits) = (UInt64(0), UInt64(0), 0)
        for letter in text.utf8 where letter != UInt8(ascii: "-") {
            guard let digit = Self.digit(letter) else { preconditionFailure("the core wrote an id that is none") }
            (high, low) = (high << 4 | low >> 60, low << 4 | digit)
            digits += 1
        }
        guard digits == 32 else { preconditionFailure("the core wrote an id that is none") }
        func byte(_ half: UInt64, _ place: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: half >> (56 - 8 * place)) }
        self.init(uuid: (
            byte(high, 0), byte(high, 1), byte(high, 2), byte(high, 3), byte(high, 4), byte(high, 5), byte(high, 6), byte(high, 7),
            byte(low, 0), byte(low, 1), byte(low, 2), byte(low, 3), byte(low, 4), byte(low, 5), byte(low, 6), byte(low, 7)
        ))
    }

    private static func digit(_ letter: UInt8) -> UInt64? {
        switch letter {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(letter - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(letter - UInt8(ascii: "a") + 10)
        default: nil
        }
    }
}

import Gridbook

/// Something to say to a person: the key of its words, written `section.name`, and what fills their `{names}`. The words
/// are in `core/resources/words.toml` alone, in Chinese and English.
public struct Message: Sendable, Equatable {
    public let key: String
    public let arguments: [String: String]

    public init(_ key: String, _ arguments: [String: any CustomStringConvertible] = [:]) {
        self.key = key
        self.arguments = arguments.mapValues(\.description)
    }
}

extension Words {
    /// The message in words. A code that only a newer server knows has the words of its section.
    public func text(_ message: Message) -> String {
        let parts = message.key.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let (section, name) = (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
        let fallback: String? =
            switch section {
            case Section.rule: self[Keys.invalid]
            case Section.refusal, Section.phoneRefusal: self[Keys.refused]
            default: nil
            }
        // A rule that the terminal says with its own options is said otherwise on screens.
        let screen = section == Section.rule ? self["\(Section.screenRule).\(name)"] : nil
        let words = screen ?? self[message.key] ?? fallback ?? message.key
        return message.arguments.reduce(words) { text, argument in
            text.replacing("{\(argument.key)}", with: argument.value)
        }
    }
}

/// Sections whose keys are codes of the core or of the server.
enum Section {
    static let rule = "phone_rule"
    static let screenRule = "screen_rule"
    static let refusal = "refusal"
    static let phoneRefusal = "phone_refusal"
}

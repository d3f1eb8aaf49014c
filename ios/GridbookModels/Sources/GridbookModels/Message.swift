import Gridbook

/// Something to say to a person: the key of its words, written `section.name`, and what fills their `{names}`. The words
/// are in `core/resources/words.toml` alone, in Chinese and English.
public struct Message: Sendable, Equatable {
    /// The key of its words, written `section.name`.
    public let key: String
    /// What fills their `{names}`.
    public let arguments: [String: String]

    /// A message of a key, with what fills its names.
    public init(_ key: String, _ arguments: [String: any CustomStringConvertible] = [:]) {
        self.key = key
        self.arguments = arguments.mapValues(\.description)
    }
}

extension Rule {
    /// What a broken rule asks for.
    var asked: Message { Message("\(Section.rule).\(code)", numbers) }
}

extension Words {
    /// The message in words. A code without words has those of its section.
    public func text(_ message: Message) -> String {
        let fallback: String? =
            switch String(message.key.prefix { $0 != "." }) {
            case Section.rule: self[Keys.invalid]
            case Section.refusal, Section.phoneRefusal: self[Keys.refused]
            case Section.error: self[Keys.unexpected]
            default: nil
            }
        let words = self[message.key] ?? fallback ?? message.key
        return message.arguments.reduce(words) { text, argument in
            text.replacing("{\(argument.key)}", with: argument.value)
        }
    }
}

/// Sections whose keys are codes of the core or of the server.
enum Section {
    static let rule = "rule"
    static let error = "error"
    static let refusal = "refusal"
    static let phoneRefusal = "phone_refusal"
}

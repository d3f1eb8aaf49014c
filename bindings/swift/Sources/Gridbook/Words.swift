import Foundation

/// What screens call things, in one language; `core/resources/words.toml` and `dictionaries.toml` are the only place
/// where a word is written. Make one at start: every word crosses the bridge once.
public struct Words: Sendable {
    /// The language that they are in.
    public let language: Language
    private let words: [String: String]
    private let entries: [String: [DictionaryEntry]]

    /// The words of `language`.
    public init(_ language: Language) throws(GridbookError) {
        self.language = language
        words = try crossing { try GridbookBindings.words(language: language) }.get()
        entries = try crossing { try dictionaries() }.get()
    }

    /// The word for `key`, written `section.name` such as `kind.visit`; `nil` if there is none.
    public subscript(key: String) -> String? { words[key] }

    /// The word for `key` with each `{name}` replaced by its value; the key itself if there is none.
    public func fill(_ key: String, _ values: KeyValuePairs<String, any CustomStringConvertible>) -> String {
        values.reduce(words[key] ?? key) { text, value in
            text.replacingOccurrences(of: "{\(value.key)}", with: value.value.description)
        }
    }

    /// The coded values of a dictionary that may be offered, in the order in which screens list them.
    public func offered(_ dictionary: String) -> [DictionaryEntry] {
        (entries[dictionary] ?? []).filter { $0.until == nil }
    }

    /// The word of a coded value; the code itself where a newer version wrote it.
    public func code(_ dictionary: String, _ code: String) -> String {
        guard let entry = entries[dictionary]?.first(where: { $0.code == code }) else { return code }
        return language == .chinese ? entry.zh : entry.en
    }

    /// What screens call a field of a kind of record; the field's own name if they call it nothing.
    public func field(_ kind: Kind, _ field: String) -> String {
        (try? fieldWord(kind: kind, field: field, language: language)) ?? field
    }
}

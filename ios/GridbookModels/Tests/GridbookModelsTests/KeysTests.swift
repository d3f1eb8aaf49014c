import Foundation
@testable import GridbookModels
import GridbookTown
import Testing

/// The words of the screens: each is there in both languages, and none is there for nothing.
@Suite struct KeysTests {
    private let tables: [[String: String]]
    private let sources: [(name: String, text: String)]
    private let keys: [String: String]

    init() throws {
        tables = [try words(language: .chinese), try words(language: .english)]
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Sources/GridbookModels").standardized
        sources = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "swift" }
            .map { ($0.lastPathComponent, try String(contentsOf: $0, encoding: .utf8)) }
        let table = try #require(sources.first { $0.name == "Keys.swift" }).text
        let lines = table.matches(of: #/static let `?(\w+)`? = "([a-z_.]+)"/#)
        keys = Dictionary(uniqueKeysWithValues: lines.map { (String($0.1), String($0.2)) })
    }

    @Test func everyKeyHasItsWordsInBothLanguages() {
        #expect(keys.count > 40)
        let kinds: [Kind] = [.household, .visit, .diary, .outreach, .checklist, .template, .review]
        let standings: [Standing] = [.onPhone, .onServer, .refused, .reviewed(.seen)]
        let reasons: [DueReason] = [.marked, .retry, .planned, .rhythm, .neverVisited]
        let phases: [Phase] = [.working, .withdrawn, .wiped]
        let named = kinds.map { $0.named() } + standings.map { $0.named() } + reasons.map { $0.named() }
            + phases.map { $0.named() }
        for key in Array(keys.values) + named.map(\.key) {
            for table in tables { #expect(table[key]?.isEmpty == false, "\(key)") }
        }
    }

    @Test func noKeyIsUnused() {
        let code = sources.filter { $0.name != "Keys.swift" }.map(\.text).joined(separator: "\n")
        let said = Set(code.matches(of: #/Keys\.(\w+)/#).map { String($0.1) })
        #expect(Set(keys.keys) == said)
        let app = Set(tables[0].keys.filter { $0.hasPrefix("app.") })
        #expect(Set(keys.values.filter { $0.hasPrefix("app.") }) == app, "the words of [app]")
        #expect(code.matches(of: #/Message\("[a-z_]+\.[a-z_]+"/#).isEmpty, "a key has its name")
    }

    @Test func aRuleIsSaidWithItsNumbers() {
        let long = Problem(.Invalid(kind: .visit, field: "note", rule: Rule(code: "too_long", numbers: ["most": 8_000])))
        #expect(chinese.text(long.message) == "最多 8000 字")
        #expect(long.field == "note")
        let unheardOf = Problem(.BadPin(rule: Rule(code: "unheard_of", numbers: [:])))
        #expect(chinese.text(unheardOf.message) == chinese["error.invalid"])
    }

    @Test func aWrongPinSaysWhatIsLeft() {
        let wrong = Problem(.PinWrong(left: 3)).message
        #expect(chinese.text(wrong) == "PIN 不对，还能试 3 次。")
        #expect(english.text(wrong) == "Wrong PIN; 3 tries left.")
        let wait = Problem(.PinWait(seconds: 90)).message
        #expect(chinese.text(wait) == "错了太多次，请 90 秒后再试。")
        #expect(english.text(wait) == "Too many wrong PINs. Try again in 90 seconds.")
    }

    @Test func aBusyServerSaysForHowLong() {
        let wait = Problem(.TryLater(code: "busy", seconds: 90)).message
        #expect(chinese.text(wait) == "服务器忙，请在 90 秒后再试，记录都在手机上。")
        #expect(english.text(wait) == "The server is busy. Try again in 90 seconds; your records are on the phone.")
    }

    @Test func aDamagedDatabaseLeadsBackToTheGuard() {
        let damaged = Problem(.Damaged)
        #expect(damaged.action == .reopen)
        #expect(chinese.text(damaged.message) == "数据有损坏，请关掉应用再打开，能读的会找回。")
    }

    @Test func whatNobodyExpectsHasWordsToo() {
        let said = { (code: String) in chinese.text(Problem(.Unexpected(code: code)).message) }
        #expect(said("store") == "保存时出错，请再试一次。还不行就联系管理员。")
        #expect(said("vault") == "手机的密钥库打不开，请重启手机再试。")
        #expect(said("panic") == chinese["error.unexpected"])
    }

    @Test func whatANewerServerSaysHasWordsToo() {
        #expect(chinese.text(Message("phone_refusal.unheard_of")) == chinese["error.refused"])
        #expect(chinese.text(Message("refusal.unheard_of")) == chinese["error.refused"])
        #expect(chinese.text(Message("app.waiting", ["n": 3])) == "3 项改动在手机上，待上传")
    }
}

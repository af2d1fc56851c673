import Testing

@testable import Basics

private struct Oven: Equatable {
    var heat = 200
    var minutes: Double?
    var mode = Mode.grill

    enum Mode: String, CaseIterable { case grill, bake }

    static let table = OptionTable<Oven>([
        Option(
            optional: "oven.minutes",
            \.minutes,
            .number(above: 0),
            "How long.",
            unit: "min",
            when: .of("oven.mode", \.mode, .bake)
        ),
        Option("oven.heat", \.heat, .integer(50...250), "How hot it is.", unit: "°C"),
        Option("oven.mode", \.mode, .choice, "How."),
    ])
}

private struct Kitchen: Equatable {
    var oven = Oven()
    var isOpen = true
}

@Suite("Options")
struct OptionTests {
    private let whole = OptionTable<Kitchen>(Oven.table.options(at: \.oven))

    @Test("an option of a part is one of the whole")
    func lifted() throws {
        let heat = try #require(whole["oven.heat"])
        var kitchen = Kitchen()
        let isTaken = heat.assign("220", &kitchen)
        #expect(isTaken && kitchen.oven.heat == 220 && heat.text(kitchen) == "220" && heat.unit == "°C")
        let isRefused = !heat.assign("20", &kitchen)
        #expect(isRefused && kitchen.oven.heat == 220)
        #expect(whole.option(at: \.oven.heat)?.key == "oven.heat" && whole.option(at: \.isOpen) == nil)
        let prefixed = Option(heat, at: \Kitchen.self, prefix: "my.")
        #expect(prefixed.key == "my.oven.heat" && prefixed.section == "my.oven" && prefixed.name == "heat")
    }

    @Test(
        "an integer may have an exponent where it is whole",
        arguments: [
            ("1e2", 100), ("1E2", 100), ("1.5e2", 150), ("100.0", 100), ("1000e-1", 100), ("100", 100),
            ("1.005e2", nil),
            ("1e", nil), ("0100", nil), ("+100", nil), ("+1e2", nil), ("1e400", nil), ("1e17", nil), ("1_00", nil),
            ("0x64", nil), ("nan", nil), ("", nil),
        ]
    )
    func integers(text: String, value: Int?) {
        #expect(ValueRule.integer(50...1 << 62).value(text) == value)
    }

    @Test("a value that no text gave is copied, and checked by the rule")
    func values() throws {
        let minutes = try #require(whole["oven.minutes"])
        let given = Kitchen(oven: Oven(minutes: -1))
        var kitchen = Kitchen()
        minutes.copy(given, &kitchen)
        #expect(kitchen == given && !minutes.isAllowed(kitchen) && minutes.isAllowed(Kitchen()))
    }

    @Test("a condition of a part keeps its words, and may have another culprit in the whole")
    func conditions() throws {
        let minutes = try #require(whole["oven.minutes"])
        let obstacle = whole.obstacle(to: minutes, in: Kitchen())
        #expect(obstacle == Obstacle(words: "oven.mode is bake", key: "oven.mode"))
        #expect(whole.obstacle(to: minutes, in: Kitchen(oven: Oven(mode: .bake))) == nil)
        #expect(whole.resolutionOrder.map(\.key) == ["oven.mode", "oven.minutes", "oven.heat"])
        let part = try #require(Oven.table["oven.minutes"]?.condition)
        let moved = Condition<Kitchen>(part, keys: ["open"], of: \.oven) { key, kitchen in kitchen.isOpen ? "open" : key
        }
        #expect(moved.obstacle(Kitchen())?.key == "open" && moved.obstacle(Kitchen(isOpen: false))?.key == "oven.mode")
        let open = Condition<Kitchen>("open", "the kitchen is open") { $0.isOpen }
        #expect(moved.and(open).words == "oven.mode is bake and the kitchen is open")
    }

    @Test("a whole adds what it asks besides")
    func asked() {
        let closed = Condition<Kitchen>("open", "the kitchen is closed") { !$0.isOpen }
        let table = OptionTable<Kitchen>(Oven.table.options(at: \.oven, when: ["oven.heat": closed]))
        #expect(table["oven.heat"]?.condition?.words == "the kitchen is closed")
    }

    @Test("names that nobody has")
    func unknown() {
        #expect(whole.unknown("oven.heet") == "unknown key, did you mean oven.heat?")
        #expect(whole.unknown("sink") == "unknown key, allowed: a key of oven")
    }
}

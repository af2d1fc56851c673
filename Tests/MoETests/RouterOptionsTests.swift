import Basics
import Testing

@testable import MoE

@Suite("The table of router options")
struct RouterOptionsTests {
    @Test func everyPropertyHasItsRow() {
        let properties = Mirror(reflecting: RouterOptions()).children.compactMap(\.label)
        #expect(properties.count == RouterOptions.rows.count + 1, "all but the frequencies")
        #expect(Set(RouterOptions.rows.map(\.option.key)).count == RouterOptions.rows.count)
        for row in RouterOptions.rows {
            #expect(RouterOptions.rows.count { $0.option.path() == row.option.path() } == 1, "\(row.option.key)")
        }
    }

    @Test func aKeyOfACheckpointIsOneOption() {
        let keys = RouterOptions.rows.flatMap(\.checkpointKeys)
        #expect(Set(keys).count == keys.count)
        #expect(RouterOptions.rows.allSatisfy { $0.checkpointKeys.isEmpty || $0.kind != .word })
        for row in RouterOptions.rows where row.kind == .number {
            var options = RouterOptions()
            row.set(0.25, &options)
            #expect(row.option.text(options) == "0.25", "\(row.option.key)")
            row.set(nil, &options)
            #expect(options == RouterOptions(), "\(row.option.key)")
        }
    }

    /// What several options settle together may run once for each of them.
    @Test func applyingTwiceIsApplyingOnce() {
        let texts = [
            "4", "2", "0.5", "true", "groups", "slots", "random", "sampling", "sign", "multiplied", "after-drop",
            "nearest", "hidden",
        ]
        for family in RouterFamily.all {
            var all = RouterOptions()
            for row in RouterOptions.rows {
                var one = RouterOptions()
                guard let text = texts.first(where: { row.option.assign($0, &one) }) else {
                    Issue.record("no text for \(row.option.key)")
                    continue
                }
                _ = row.option.assign(text, &all)
                let once = family.rule.applying(one)
                #expect(once.applying(one) == once, "\(family.name), \(row.option.key)")
            }
            let once = family.rule.applying(all)
            #expect(once.applying(all) == once, "\(family.name)")
        }
    }
}

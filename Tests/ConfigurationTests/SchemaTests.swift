import Basics
import MoE
import Runtime
import Testing

@testable import Configuration

@Suite("The schema")
struct SchemaTests {
    private let schema = RunPlan.table

    @Test("conditions name settings, which come earlier in the order of resolution")
    func conditions() throws {
        #expect(Set(schema.resolutionOrder.map(\.key)) == Set(schema.options.map(\.key)))
        var earlier: Set<String> = []
        for setting in schema.resolutionOrder {
            for key in setting.condition?.keys ?? [] {
                #expect(earlier.contains(key), "\(setting.key) looks at \(key)")
            }
            earlier.insert(setting.key)
        }
    }

    @Test("an obstacle is one of the settings that a condition names")
    func obstacles() {
        var none = RunPlan()
        none.router.kind = "dense-mixture"
        for root in [RunPlan(), none] {
            for setting in schema.options {
                guard let obstacle = setting.condition?.obstacle(root) else { continue }
                #expect(setting.condition?.keys.contains(obstacle.key) == true, "\(setting.key)")
            }
        }
    }

    @Test("every option of a router is a setting, and some router reads it")
    func options() throws {
        for row in RouterOptions.rows {
            _ = try #require(schema["router.\(row.option.key)"])
            #expect(RouterCatalogue.entries.contains { $0.reads(row) }, "\(row.option.key)")
        }
        let settings = schema.options(in: "router").map(\.name)
        #expect(Set(settings) == Set(RouterOptions.rows.map(\.option.key) + ["kind", "logit_std"]))
    }

    @Test("every setting has its own key, and reads back what it shows")
    func keys() {
        #expect(Set(schema.options.map(\.key)).count == schema.options.count)
        for setting in schema.options {
            var scratch = RunPlan()
            if let text = setting.text(scratch) {
                #expect(setting.assign(text, &scratch), "\(setting.key)")
                #expect(scratch == RunPlan(), "\(setting.key)")
            }
        }
    }

    @Test("no two settings share a property")
    func properties() {
        let candidates = [
            "9", "0.5", "true", "geglu", "bf16", "noisy-top-k", "position", "text", "zipf", "tcp", "round-robin",
            "worker", "queue", "ipc://@x", "0", "false", "slots", "nearest", "groups", "sampling", "after-drop",
            "error", "multiplied", "mixtral", "coordinator", "3-5", "none", "presum", "two-batch", "low-latency",
            "expected", "hidden", "drift", "least-loaded", "layer,token,k", "interval", "blocking",
        ]
        for setting in schema.options {
            var changed = RunPlan()
            let isChanged = candidates.contains { setting.assign($0, &changed) && changed != RunPlan() }
            #expect(isChanged, "\(setting.key)")
            let shown = schema.options.filter { $0.text(changed) != $0.text(RunPlan()) }
            #expect(shown.map(\.key) == [setting.key])
        }
    }

    @Test("the reference has one table per section and one row per setting")
    func reference() {
        let markdown = ConfigurationReference.markdown()
        let lines = markdown.split(separator: "\n").map(String.init)
        let heads = lines.filter { $0.hasPrefix("###") }
        #expect(heads == ["### model", "### router", "### workload", "### cluster", "### hardware", "### run"])
        for setting in schema.options {
            #expect(lines.count { $0.hasPrefix("| `\(setting.key)` |") } == 1, "\(setting.key)")
        }
        #expect(lines.filter { $0.hasPrefix("|") }.allSatisfy { $0.count { $0 == "|" } == 5 })
        #expect(
            lines.contains(
                "| `cluster.credit_mib` | an integer from 1 to 65536 (MiB) | 64 | "
                    + "Bytes in flight per worker: rows sent plus the outputs expected for them. |"
            )
        )
        #expect(
            lines.contains(
                "| `router.scale` | a number above 0 | as router.kind has it | Multiplies every weight. "
                    + "Applies when router.kind reads it. |"
            )
        )
        #expect(lines.contains { $0.hasPrefix("| `workload.path` |") && $0.contains("| (required) |") })
    }
}

import Foundation
import TestSupport
import Testing

extension RealProcesses {
    @Suite("Systems, as a person sees them")
    struct SystemTests {
        @Test func oneLineRunsASystem() async throws {
            try await Sandbox.use { sandbox in
                let result = try await sandbox.epsim("run", "--system", "Switch", "--steps", "5")
                #expect(result.code == 0, "\(result.errors)")
                #expect(result.output.contains("# config: system Switch") && result.output.contains("router: switch"))
            }
        }

        @Test func aSystemIsExplainedWithItsCommands() async throws {
            try await Sandbox.use { sandbox in
                let result = try await sandbox.epsim("systems", "deepseek-r1")
                #expect(result.code == 0)
                #expect(result.output.contains("256 experts, 8 per token, router deepseek-v3"))
                #expect(result.output.contains("epsim run --system deepseek-r1"))
                #expect(result.output.contains("epsim predict --system deepseek-r1\n"))
                let unsized = try await sandbox.epsim("systems", "keep-top-k")
                #expect(unsized.output.contains("in no preset") && !unsized.output.contains("epsim predict"))
                let refused = try await sandbox.epsim("predict", "--system", "keep-top-k")
                #expect(
                    refused.code == 78 && refused.errors.contains("'epsim run --system keep-top-k' runs a small one")
                )
                let all = try await sandbox.epsim("systems")
                #expect(
                    all.output.hasPrefix("1991  jacobs-1991: ")
                        && all.errors.contains("'epsim run --system NAME' runs it")
                )
                #expect(all.output.split(separator: "\n").allSatisfy { $0.count <= 120 && $0.last != " " })
            }
        }

        @Test func aFileOrASystemIsNeeded() async throws {
            try await Sandbox.use { sandbox in
                #expect(try await sandbox.epsim("run").code == 64)
                #expect(try await sandbox.epsim("run", "a.yaml", "--system", "switch").code == 64)
                let missing = try await sandbox.epsim("run", "--system", "grok-3")
                #expect(missing.code == 78 && missing.errors.contains("no shape or router has been published"))
            }
        }

        @Test func aTourOfTwoComparesThem() async throws {
            try await Sandbox.use { sandbox in
                let folder = "\(sandbox.path)/two"
                let result = try await sandbox.epsim("tour", "DeepSeekV3", "switch", "--out", folder, seconds: 90)
                #expect(result.code == 0, "\(result.errors)")
                let rows = result.output.split(separator: "\n").dropFirst(2)
                #expect(rows.map { $0.prefix { $0 != " " } } == ["switch", "deepseek-v3"])
                // What Switch drops at capacity 1 has no other expert; DeepSeek-V3 drops nothing.
                #expect(rows.last?.contains(" 0.00      0.00 ") == true && rows.first?.contains(" 0.00 ") == false)
                let page = try String(contentsOfFile: "\(folder)/tour.html", encoding: .utf8)
                #expect(page.contains("2 systems in the order of publication"))
                let unknown = try await sandbox.epsim("tour", "switch", "nope", "--out", folder)
                #expect(unknown.code == 78 && unknown.errors.contains("tour: found \"nope\""))
                let missing = try await sandbox.epsim("tour", "grok-3", "--out", folder)
                #expect(missing.code == 78 && missing.errors.contains("tour: found grok-3, which epsim does not run"))
                let title = try await sandbox.epsim("systems", "Mixtral", "8x7B")
                #expect(title.code == 0 && title.output.hasPrefix("Mixtral 8x7B (2023)"))
            }
        }

        /// Every system that epsim runs, each by one line, on one page.
        @Test func theTourRunsAllOfThem() async throws {
            try await Sandbox.use { sandbox in
                // 58 runs, some of them beside other tests.
                let result = try await sandbox.start(["tour", "--json", "--out", "\(sandbox.path)/tour"]).finish(
                    within: 600
                )
                #expect(result.code == 0, "\(result.errors)")
                let stops = try JSONDecoder().decode([Stop].self, from: Data(result.output.utf8))
                #expect(stops.count >= 58)
                for stop in stops {
                    #expect(
                        stop.status != "failed" && (stop.imbalance ?? 0) >= 1 && (stop.bytes_per_token ?? 0) > 0,
                        "\(stop.name)"
                    )
                }
                for stop in stops { #expect((stop.layer_seconds == nil) == (stop.note != nil), "\(stop.name)") }
                #expect(Set(stops.compactMap(\.note)) == ["published sizes in no preset"])
                #expect(result.errors.contains("no prediction of \(stops.count { $0.note != nil }) (published sizes"))
                let page = try String(contentsOfFile: "\(sandbox.path)/tour/tour.html", encoding: .utf8)
                #expect(stops.allSatisfy { page.contains($0.name) } && page.utf8.count < 1 << 20)
            }
        }

        private struct Stop: Decodable {
            let name: String
            let status: String
            let imbalance: Double?
            let bytes_per_token: Double?
            let layer_seconds: Double?
            let note: String?
        }
    }
}

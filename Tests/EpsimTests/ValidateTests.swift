import Foundation
import TestSupport
import Testing

extension RealProcesses {
    /// `epsim validate` and `epsim hardware`.
    @Suite struct ValidateTests {
        private let published = packageFolder("configs/validation/deepep_published_h800.csv")

        @Test func aTableIsScored() async throws {
            try await Sandbox.use { sandbox in
                let result = try await sandbox.epsim("validate", published)
                #expect(result.code == 0 && result.errors == "")
                let lines = result.output.split(separator: "\n").map(String.init)
                #expect(lines.first == "deepep_published_h800.csv: 7 rows, published kernels on H800-SXM")
                #expect(lines.contains { $0.hasPrefix("1 constant fitted on this hardware: DeepEP README.md") })
                #expect(lines.contains { $0.hasPrefix("all ") && $0.hasSuffix("10 / each 20  yes") })
                #expect(lines.last?.hasPrefix("worst: line 5, dispatch (low-latency, 8 ranks on 1 node") == true)
                let again = try await sandbox.epsim("validate", published)
                #expect(again.output == result.output)
            }
        }

        @Test func jsonHasEveryRow() async throws {
            try await Sandbox.use { sandbox in
                let result = try await sandbox.epsim("validate", published, "--json", "--cross-validate")
                #expect(result.code == 0)
                let json = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
                let report = try #require(json as? [String: Any])
                let rows = try #require(report["predictions"] as? [[String: Any]])
                #expect(rows.count == 14)
                for row in rows {
                    let measured = try #require(row["measured_us"] as? Double)
                    let predicted = try #require(row["predicted_us"] as? Double)
                    let error = try #require(row["error"] as? Double)
                    #expect(abs(predicted / measured - 1 - error) < 1e-12)
                    #expect(row["fold_error"] is Double && (row["notes"] as? [String])?.isEmpty == false)
                }
                let tables = try #require(report["tables"] as? [[String: Any]])
                #expect(tables.first?["fitted_constants"] as? [String] == ["link_bandwidth"])
                #expect((report["held_out"] as? [[String: Any]])?.isEmpty == false)
            }
        }

        @Test func whatIsWrongIsTold() async throws {
            try await Sandbox.use { sandbox in
                let header = "gpu,nodes,gpus,hidden,top_k,experts,tokens_per_gpu,dispatch_us,combine_us\n"
                try sandbox.write(
                    "a.csv",
                    header + "H100-SMX,1,8,7168,8,256,64,20,30\n/etc/x.yaml,1,8,7168,8,256,64,20,30\n"
                )
                let unknown = try await sandbox.epsim("validate", "a.csv")
                #expect(unknown.code == 78 && unknown.output == "")
                let lines = unknown.messages
                #expect(lines.count == 2)
                #expect(
                    lines[0].hasPrefix(
                        "epsim: a.csv:2: gpu: found \"H100-SMX\", did you mean H100-SXM? allowed: A100-SXM, "
                    )
                )
                #expect(lines[1].hasPrefix("a.csv:3: gpu: found \"/etc/x.yaml\", allowed: A100-SXM, "))
                try sandbox.write("b.csv", header + "H100-SXM,1,8,7168,8,256,many,20,30\n")
                let cell = try await sandbox.epsim("validate", "b.csv")
                #expect(cell.code == 78)
                #expect(
                    cell.messages == [
                        "epsim: b.csv:2: tokens_per_gpu: found \"many\", allowed: an integer from 1 to 16777216"
                    ]
                )
                let missing = try await sandbox.epsim("validate", "none.csv")
                #expect(missing.code == 78)
                #expect(missing.messages == ["epsim: none.csv: found no such file, allowed: a readable text file"])
                #expect(try await sandbox.epsim("validate").code == 64)
                #expect(try await sandbox.epsim("validate", published, published).code == 64)
                #expect(try await sandbox.epsim("validate", published, "--json", "--markdown").code == 64)
            }
        }

        @Test func hardwareIsListedAndShown() async throws {
            try await Sandbox.use { sandbox in
                let list = try await sandbox.epsim("hardware")
                #expect(list.code == 0 && list.errors == "")
                for name in ["A100-SXM", "B200", "GB200-NVL72", "H100-SXM", "H20", "H200-SXM", "H800-SXM", "MI300X"] {
                    #expect(list.output.split(separator: "\n").contains { $0.hasPrefix("\(name) ") }, "\(name)")
                }
                let shown = try await sandbox.epsim("hardware", "show", "H800")
                #expect(shown.code == 0 && shown.output.hasPrefix("H800-SXM: NVIDIA H800"))
                let link = shown.output.split(separator: "\n").first { $0.hasPrefix("link_bandwidth") } ?? ""
                #expect(link.contains("135  GB/s") && link.contains("fitted") && link.contains("DeepEP README.md"))
                let wrong = try await sandbox.epsim("hardware", "show", "H8000")
                #expect(
                    wrong.code == 78
                        && wrong.messages.first?.hasPrefix("epsim: hardware.profile: found \"H8000\"") == true
                )
                try sandbox.write("Mine.yaml", "name: Mine\n")
                let own = try await sandbox.epsim("hardware", environment: ["EPSIM_HARDWARE": "."])
                #expect(own.code == 78 && own.output.contains("H100-SXM"))
                #expect(
                    own.messages.first
                        == "epsim: ./Mine.yaml: summary: missing, allowed: text without control characters, 1 to 4096 bytes"
                )
            }
        }

        @Test(.enabled(if: SharedData.timings != nil, "this machine has no public tables"))
        func thePageHasTheFigures() async throws {
            let files = try #require(SharedData.timings)
            try await Sandbox.use { sandbox in
                let arguments = ["validate", "--cross-validate", "--markdown"] + files
                let result = try await sandbox.start(arguments).finish(within: 600)
                let page = packageFolder("Sources/epsim/epsim.docc/HowPredictionsWereValidated.md")
                let text = try String(contentsOfFile: page, encoding: .utf8)
                let begin = try #require(text.range(of: "<!-- begin: epsim validate -->\n"))
                let end = try #require(text.range(of: "<!-- end: epsim validate -->"))
                let shown = text[begin.upperBound..<end.lowerBound].trimmingCharacters(in: .newlines)
                #expect(shown == result.output.trimmingCharacters(in: .newlines))
            }
        }
    }
}

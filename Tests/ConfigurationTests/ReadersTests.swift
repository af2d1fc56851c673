import Basics
import ConfigurationSupport
import Runtime
import Settings
import Testing

@testable import Configuration

/// Settings that a command does not read.
@Suite("The commands that read a setting")
struct ReadersTests {
    /// A configuration under which every option of the cluster applies.
    private static let base = "model: {shared_ffn: 8}\ncluster: {delay_phase: none}\n"

    /// A value that an option takes and that is not its default.
    private static func other(_ option: Option<RunPlan>) -> String? {
        let tried = [
            "2", "true", "bf16", "tcp", "coordinator", "presum", "worker", "low-latency", "expected", "nccl-ring",
        ]
        let files = ["/a.yaml", "tcp://a:1", "ipc:///a", "compute"]
        return (tried + files).first { text in
            var plan = RunPlan()
            return option.assign(text, &plan) && option.text(plan) != option.text(RunPlan())
        }
    }

    @Test("what only the other clock reads is an error where it is given to the command", arguments: StepClock.allCases)
    func flags(clock: StepClock) throws {
        let unread = RunPlan.table.options.filter {
            $0.readers.clock.map { $0 != clock } ?? false && $0.condition == nil
        }
        #expect(unread.count > 5)
        for option in unread {
            let value = try #require(Self.other(option), "\(option.key)")
            let set = option.key == "cluster.endpoint" ? ["cluster.transport=tcp"] : []
            let found = problems { () throws(ConfigurationError) in
                _ = try resolve(Self.base, set: ["\(option.key)=\(value)"] + set, for: clock)
            }
            let words = "\(option.key): does not apply: only "
            #expect(found.contains { $0.hasPrefix("flag --set: \(words)") }, "\(option.key): \(found)")
            let variable = problems { () throws(ConfigurationError) in
                _ = try resolve(Self.base, environment: [option.environmentName: value], for: clock)
            }
            #expect(
                variable.contains { $0.contains("environment ") && $0.contains(words) },
                "\(option.key): \(variable)"
            )
            // Nothing is asked of a command that only shows the configuration.
            #expect(throws: Never.self) { try resolve(Self.base, set: ["\(option.key)=\(value)"] + set) }
        }
    }

    @Test("a file may serve both clocks, and each command says what it passes over")
    func files() throws {
        let yaml = """
            cluster: {payload: bf16, threads: 2, transport: ipc, delay_phase: none}
            hardware: {kernel: low-latency}
            run: {verify: true}
            """
        let note =
            "a prediction does not read settings of live runs: cluster.payload (a.yaml:1), cluster.threads (a.yaml:1), "
            + "run.verify (a.yaml:3)"
        let predicted = try resolve(yaml, for: .modelled)
        #expect(predicted.notes == [note] && predicted.unread.count == 3)
        let measured = try resolve(yaml, for: .measured)
        #expect(measured.notes == ["a live run does not read settings of predictions: hardware.kernel (a.yaml:2)"])
        #expect(measured.unread == ["hardware.kernel (a.yaml:2)"])
        #expect(try resolve(yaml).notes == [], "nothing is said to a command of neither clock")
        // What a command leaves in its folder can be given to the other one.
        let written = try resolve("workload: {tokens: 64}").yaml
        for clock in StepClock.allCases { #expect(try resolve(written, for: clock).notes == []) }
    }

    @Test("a delay in a file is an error of a prediction, which would leave it out")
    func delays() {
        let yaml = "cluster: {delay_phase: compute, delay_rank: 1, delay_milliseconds: 3}"
        let found = problems { () throws(ConfigurationError) in _ = try resolve(yaml, for: .modelled) }
        #expect(
            found
                == ["phase", "rank", "milliseconds"].enumerated().map { index, name in
                    "a.yaml:1:\([11, 33, 48][index]): cluster.delay_\(name): does not apply: only live runs read it, and this is a "
                        + "prediction"
                }
        )
        #expect(problems { () throws(ConfigurationError) in _ = try resolve(yaml, for: .measured) } == [])
    }

    @Test("a straggler in a file is an error of a live run, which would leave it out")
    func stragglers() {
        let yaml = "hardware: {straggler_rank: 1, straggler_factor: 3}"
        let found = problems { () throws(ConfigurationError) in _ = try resolve(yaml, for: .measured) }
        #expect(
            found
                == [("rank", 12), ("factor", 31)].map { name, column in
                    "a.yaml:1:\(column): hardware.straggler_\(name): does not apply: only predictions read it, and this is a "
                        + "live run"
                }
        )
        #expect(problems { () throws(ConfigurationError) in _ = try resolve(yaml, for: .modelled) } == [])
    }

    @Test(
        "logits that nobody reads have no deviation to set",
        arguments: [
            ("workload: {kind: synthetic}", "workload.kind is synthetic (a.yaml:1)"),
            ("workload: {kind: trace, path: a}", "workload.kind is trace (a.yaml:1)"),
            ("router: {kind: hash}\nworkload: {kind: text, path: a}", "router.kind is hash (a.yaml:1)"),
        ]
    )
    func logits(yaml: String, culprit: String) {
        let found = problems { () throws(ConfigurationError) in
            _ = try resolve(yaml, set: ["router.logit_std=2"], for: .measured)
        }
        #expect(
            found == [
                "flag --set: router.logit_std: does not apply: it applies when the router reads seeded logits, but \(culprit)"
            ]
        )
    }

    @Test("a deviation that nobody reads may have its default in a file, as commands write it, but in no flag")
    func defaultDeviation() throws {
        let yaml = "workload: {kind: synthetic}"
        #expect(throws: Never.self) { try resolve("router: {logit_std: 1}\n\(yaml)", for: .measured) }
        #expect(throws: ConfigurationError.self) { try resolve(yaml, set: ["router.logit_std=1"], for: .measured) }
        #expect(throws: ConfigurationError.self) { try resolve("router: {logit_std: 2}\n\(yaml)") }
    }

    @Test("a row of a table has the table's readers unless it says others")
    func ofTable() {
        let readers: [String: OptionReaders] = [
            "cluster.workers": .all, "cluster.threads": .only(.measured), "cluster.delay_rank": .effect(.measured),
            "hardware.profile": .only(.modelled), "hardware.straggler_factor": .effect(.modelled), "run.seed": .all,
        ]
        for (key, expected) in readers { #expect(RunPlan.table[key]?.readers == expected, "\(key)") }
    }

    @Test(
        "logits of a gate, and of the noise beside given ones, have a deviation",
        arguments: [
            "workload: {kind: text, path: a}", "router: {kind: noisy-top-k}\nworkload: {kind: synthetic}",
        ]
    )
    func readLogits(yaml: String) throws {
        #expect(try resolve(yaml, set: ["router.logit_std=2"], for: .modelled).plan.router.logitStd == 2)
    }

    @Test("the values of the router are those that it uses, whoever gave them")
    func used() throws {
        func values(_ yaml: String) throws -> [String: String] {
            let values = try resolve(yaml).values.filter { $0.text == nil }
            return Dictionary(
                values.map { ($0.key, $0.effective ?? $0.absence) },
                uniquingKeysWith: { first, _ in first }
            )
        }
        let switched = try values("router: {kind: switch}")
        #expect(switched["router.top_k"] == "1" && switched["router.capacity_factor"] == "1.25")
        #expect(switched["router.capacity_of"] == "tokens" && switched["router.drop"] == "position")
        let grouped = try values("router: {kind: deepseek-v3}\nmodel: {experts: 64}")
        #expect(
            grouped["router.groups"] == "8" && grouped["router.groups_kept"] == "4" && grouped["router.top_k"] == "8"
        )
        #expect(grouped["router.bias_rate"] == "0.001" && grouped["router.softcap"] == "none")
        #expect(try values("router: {kind: noisy-top-k}")["router.top_k"] == "4")
        #expect(try values("router: {kind: expert-choice}")["router.capacity_factor"] == "2.0")
        // What is given changes what is used of the rest.
        let halved = try values("router: {kind: deepseek-v3, groups: 4}\nmodel: {experts: 64}")
        #expect(halved["router.groups"] == nil && halved["router.groups_kept"] == "4")
    }
}

import ConfigurationSupport
import MoE
import Runtime
import Testing
import Workloads

@testable import Configuration

@Suite("What does not fit together")
struct ConsistencyTests {
    @Test("tokens per rank give the tokens of the step")
    func tokensPerRank() throws {
        let yaml = "workload: {tokens_per_rank: 32}\ncluster: {workers: 4}"
        let resolved = try resolve(yaml)
        #expect(resolved.plan.workload.tokens == 128)
        #expect(try resolve(resolved.yaml).plan == resolved.plan)
        #expect(
            problems(of: yaml, set: ["workload.tokens=100"]) == [
                "flag --set: workload.tokens: found 100, allowed: 128, as workload.tokens_per_rank is 32 "
                    + "(a.yaml:1) and cluster.workers is 4 (a.yaml:2)"
            ]
        )
        let many = "model: {experts: 65535}\nworkload: {tokens_per_rank: 1048576}\ncluster: {workers: 65535}"
        #expect(
            problems(of: many) == [
                "a.yaml:2:12: workload.tokens_per_rank: found 1048576, allowed: workload.tokens an integer from 1 to 16777216, "
                    + "and that would be 68718428160"
            ]
        )
    }

    @Test("a token chooses from experts with weights and identity experts")
    func identityExperts() throws {
        let model = "model: {experts: 8, identity_experts: 4}\n"
        let plan = try resolve(model + "router: {top_k: 12}").plan
        #expect(plan.modelShape.experts == 8 && plan.modelShape.candidates == 12)
        #expect(
            problems(of: model + "router: {top_k: 13}") == [
                "a.yaml:2:10: router.top_k: found 13, allowed: at most 12, as model.experts is 8 (a.yaml:1) and "
                    + "model.identity_experts is 4 (a.yaml:1)"
            ]
        )
        // They are on no rank.
        #expect(
            problems(of: model + "cluster: {workers: 9}") == [
                "a.yaml:2:11: cluster.workers: found 9, allowed: at most 8, as model.experts is 8 (a.yaml:1)"
            ]
        )
        #expect(
            problems(of: "model: {identity_experts: -1}") == [
                "a.yaml:1:9: model.identity_experts: found -1, allowed: an integer from 0 to 1048576"
            ]
        )
    }

    @Test("groups divide the experts, and no more are kept than there are")
    func groups() {
        let loads = "workload: {kind: loads, path: x, groups: 3, groups_kept: 4}"
        #expect(
            problems(of: loads) == [
                "a.yaml:1:34: workload.groups: found 3, allowed: a number that divides the experts, as model.experts is 8 "
                    + "(default)"
            ]
        )
        let kept = "workload: {kind: loads, path: x, groups: 2, groups_kept: 4}"
        #expect(
            problems(of: kept) == [
                "a.yaml:1:45: workload.groups_kept: found 4, allowed: at most 2, as workload.groups is 2 (a.yaml:1)"
            ]
        )
    }

    @Test("an explicit setting that does not apply says when it does")
    func inapplicable() {
        let yaml = """
            workload:
              kind: text
              path: x
              exponent: 2
              tensor: t
            router:
              noise_epsilon: 1
              capacity_factor: 2
            cluster:
              delay_rank: 0
            """
        #expect(
            problems(of: yaml) == [
                "a.yaml:8:3: router.capacity_factor: does not apply: "
                    + "it applies when copies are dropped (router.drop), but router.kind is softmax-top-k (default)",
                "a.yaml:7:3: router.noise_epsilon: does not apply: "
                    + "it applies when router.kind is noisy-top-k or hierarchical, but router.kind is softmax-top-k "
                    + "(default)",
                "a.yaml:5:3: workload.tensor: does not apply: "
                    + "it applies when workload.kind is activations, but workload.kind is text (a.yaml:2)",
                "a.yaml:4:3: workload.exponent: does not apply: "
                    + "it applies when workload.kind is synthetic, but workload.kind is text (a.yaml:2)",
                "a.yaml:10:3: cluster.delay_rank: does not apply: it applies when cluster.delay_phase is "
                    + "dispatch, queue, compute or combine, but cluster.delay_phase is none (default)",
            ]
        )
    }

    @Test("each link of a chain of conditions is checked")
    func chain() {
        let uniform = problems(of: "workload: {exponent: 2}", set: ["workload.distribution=uniform"])
        #expect(
            uniform == [
                "a.yaml:1:12: workload.exponent: does not apply: it applies when workload.distribution is "
                    + "zipf or power-law, but workload.distribution is uniform (flag --set)"
            ]
        )
        #expect(problems(of: "workload: {distribution: zipf, exponent: 2}").isEmpty)
        #expect(problems(of: "workload: {distribution: log-normal, sigma: 2}").isEmpty)
    }

    @Test("a path is required by the kinds that read one")
    func requiredPath() {
        for kind in ["activations", "text", "trace"] {
            #expect(
                problems(of: "workload: {kind: \(kind)}") == [
                    "a.yaml:1:12: workload.path: missing, required when workload.kind is \(kind) (a.yaml:1), "
                        + "allowed: a path without control characters, 1 to 4096 bytes"
                ]
            )
        }
    }

    @Test("top-k and workers are bounded by the experts, the delayed rank by the workers")
    func limits() {
        let yaml = "model: {experts: 3}\nrouter: {top_k: 4}\ncluster: {delay_phase: queue, delay_rank: 8, workers: 8}"
        #expect(
            problems(of: yaml) == [
                "a.yaml:2:10: router.top_k: found 4, allowed: at most 3, as model.experts is 3 (a.yaml:1)",
                "a.yaml:3:31: cluster.delay_rank: found 8, allowed: 0 to 7, as cluster.workers is 8 (a.yaml:3)",
                "a.yaml:3:46: cluster.workers: found 8, allowed: at most 3, as model.experts is 3 (a.yaml:1)",
            ]
        )
        #expect(
            problems(of: "model: {preset: plain-8x2}", set: ["router.top_k=9"]) == [
                "flag --set: router.top_k: found 9, allowed: at most 8, "
                    + "as model.experts is 8 (preset plain-8x2 (models.yaml))"
            ]
        )
        #expect(
            problems(of: "model: {experts: 1}\nrouter: {top_k: 1}") == [
                "default: cluster.workers: found 4, allowed: at most 1, as model.experts is 1 (a.yaml:1)"
            ]
        )
        #expect(problems(of: "model: {experts: 5}\nrouter: {top_k: 5}\ncluster: {workers: 5}").isEmpty)
        #expect(problems(of: "model: {experts: 5}\nrouter: {top_k: 5}\ncluster: {workers: 8, slots: 8}").isEmpty)
        #expect(
            problems(of: "model: {experts: 5}\nrouter: {top_k: 5}\ncluster: {workers: 4, slots: 4}") == [
                "a.yaml:3:23: cluster.slots: found 4, allowed: at least 5, as model.experts is 5 (a.yaml:1)"
            ]
        )
        #expect(
            problems(of: "model: {experts: 5}\nrouter: {top_k: 5}\ncluster: {workers: 4, slots: 10}") == [
                "a.yaml:3:23: cluster.slots: found 10, allowed: a multiple of 4, as cluster.workers is 4 (a.yaml:3)"
            ]
        )
    }

    @Test("the endpoint agrees with the transport")
    func transport() {
        #expect(
            problems(of: "cluster: {endpoint: 'tcp://h:1'}") == [
                #"a.yaml:1:11: cluster.endpoint: found "tcp://h:1", allowed: ipc://..., "#
                    + "as cluster.transport is ipc (default)"
            ]
        )
        #expect(problems(of: "cluster: {transport: tcp, endpoint: 'tcp://h:1'}").isEmpty)
        #expect(problems(of: "cluster: {endpoint: 'ipc://@epsim'}").isEmpty)
    }

    @Test("weights whose bytes no Int can count are refused, and the largest that one can are not")
    func overflow() {
        let top = "model: {layers: 1024, experts: 65535, hidden: 65536, expert_ffn: 1048576}"
        #expect(
            problems(of: top) == [
                "a.yaml:1:23: model.experts: the weights of model.layers 1024, model.experts 65535, "
                    + "model.hidden 65536, model.expert_ffn 1048576, model.shared_ffn 0 and model.dense_ffn 0 exceed "
                    + "2^63 bytes, allowed: a model of fewer bytes"
            ]
        )
        // 2^9 * (2^15 - 1) * 2 * 2^16 * 2^20 * 4 = 2^63 - 2^48 bytes; a shared expert of that width adds 2^48.
        let fits = "layers: 512, experts: 32767, hidden: 65536, expert_ffn: 1048576, activation: relu"
        #expect(problems(of: "model: {\(fits)}").isEmpty)
        #expect(problems(of: "model: {\(fits), shared_ffn: 1048575}").isEmpty)
        #expect(problems(of: "model: {\(fits), shared_ffn: 1048576}").count == 1)
        #expect(problems(of: "model: {\(fits), shared_ffn: 1048000, dense_ffn: 1000}").count == 1)
    }

    @Test("the smallest credit holds the widest row with its output, so that no run can stall")
    func credit() throws {
        let widest = 65536 * 4 * 2
        #expect(problems(of: "model: {hidden: 65536}\ncluster: {credit_mib: 1}").isEmpty)
        #expect(problems(of: "model: {hidden: 65537}").count == 1)
        #expect(widest <= 1 << 20)
    }
}

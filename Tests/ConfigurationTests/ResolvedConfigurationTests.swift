import Cluster
import ConfigurationSupport
import Runtime
import Settings
import Testing
import Workloads

@testable import Configuration

@Suite("A resolved configuration")
struct ResolvedConfigurationTests {
    private let yaml = """
        model:
          preset: plain-8x2
          layers: 2
        workload:
          kind: text
          path: my text.txt
        """

    /// Without the options that are as the router has them: which those are is said by their own table.
    @Test("shows every value that applies with its source, in aligned columns")
    func table() throws {
        let resolved = try resolve(
            yaml,
            environment: ["EPSIM_RUN_SEED": "7"],
            flags: [Override(key: "cluster.workers", value: "8", flag: "--workers")]
        )
        let all = resolved.showTable().split(separator: "\n")
        #expect(all.contains { $0.split(separator: " ") == ["router.groups", "1", "router", "softmax-top-k"] })
        #expect(all.contains { $0.split(separator: " ") == ["router.softcap", "none", "router", "softmax-top-k"] })
        let lines = all.filter { !$0.hasSuffix("  router softmax-top-k") }
        #expect(
            lines.joined(separator: "\n") == """
                key                        value              from
                model.preset               plain-8x2          a.yaml:2
                model.scale                1                  default
                model.checkpoint           (none)             default
                model.layers               2                  a.yaml:3
                model.hidden               64                 preset plain-8x2 (models.yaml)
                model.experts              8                  preset plain-8x2 (models.yaml)
                model.identity_experts     0                  default
                model.expert_ffn           96                 preset plain-8x2 (models.yaml)
                model.activation           geglu              preset plain-8x2 (models.yaml)
                model.expert_biases        false              default
                model.shared_ffn           32                 preset plain-8x2 (models.yaml)
                model.shared_gate          false              default
                model.dense_ffn            0                  default
                model.output_scale         1                  default
                model.norm                 rms                default
                model.dtype                f32                default
                router.kind                softmax-top-k      preset plain-8x2 (models.yaml)
                router.top_k               2                  preset plain-8x2 (models.yaml)
                router.normalize           false              preset plain-8x2 (models.yaml)
                router.scale               16                 preset plain-8x2 (models.yaml)
                router.training            true               default
                router.logit_std           1                  default
                workload.kind              text               a.yaml:5
                workload.path              /conf/my text.txt  a.yaml:6
                workload.tokens            512                default
                workload.tokens_per_rank   (none)             default
                workload.sequence_tokens   (none)             default
                workload.tokens_by_source  (as many of each)  default
                cluster.workers            8                  flag --workers
                cluster.transport          ipc                default
                cluster.endpoint           (none)             default
                cluster.placement          contiguous         default
                cluster.slots              (one per expert)   default
                cluster.shared             ranks              default
                cluster.combine            copies             default
                cluster.gate_weights       coordinator        default
                cluster.payload            f32                default
                cluster.dispatch_payload   payload            default
                cluster.chunk_tokens       (none)             default
                cluster.credit_mib         64 MiB             default
                cluster.threads            1                  default
                cluster.key_file           (none)             default
                cluster.start_seconds      60 s               default
                cluster.heartbeat_seconds  0.5 s              default
                cluster.layer_seconds      60 s               default
                cluster.delay_phase        none               default
                hardware.profile           H100-SXM           default
                hardware.kernel            normal             default
                hardware.products          fp8                default
                hardware.dispatch          fp8                default
                hardware.routing           tokens             default
                hardware.straggler_rank    (none)             default
                hardware.reserved_gb       0 GB               default
                run.steps                  20                 default
                run.warmup                 2                  default
                run.seed                   7                  environment EPSIM_RUN_SEED
                run.overlap                none               default
                run.out                    /cwd/runs          default
                run.verify                 false              default
                """
        )
    }

    @Test("its YAML loads back to the same values")
    func roundTrip() throws {
        let resolved = try resolve(yaml)
        let again = try resolve(resolved.yaml)
        #expect(again.plan == resolved.plan)
        #expect(again.yaml == resolved.yaml)
        #expect(resolved.yaml.contains("  path: \"/conf/my text.txt\"\n"))
        #expect(resolved.yaml.hasPrefix("model:\n  preset: plain-8x2\n  scale: \"1\"\n  layers: 2\n"))
    }

    @Test("a preset with another router, and one whose choices are replayed, load back as well")
    func roundTripOfOtherRouters() throws {
        for rest in ["router: {kind: mixtral, scale: 2.5}", "workload: {kind: trace, path: t}\nrouter: {drop: choice}"]
        {
            let resolved = try resolve("model: {preset: grouped}\n\(rest)")
            #expect(try resolve(resolved.yaml).plan == resolved.plan, "\(rest)")
        }
    }

    @Test("any text survives YAML", arguments: ["a b", "~", "null", "4", "x: y", "#c", "é\"\\", "-", "x\u{FEFF}", "😀"])
    func texts(_ text: String) throws {
        let resolved = try resolve(
            "workload: {kind: activations}",
            set: ["workload.tensor=\(text)", "workload.path=p"]
        )
        #expect(try resolve(resolved.yaml).plan.workload.tensor == text)
    }
}

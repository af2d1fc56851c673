import Basics
import ConfigurationSupport
import Runtime
import Testing

@testable import Configuration

@Suite("What is wrong with a file")
struct YAMLReadingTests {
    @Test("a value of the wrong type or out of range says where, what was found and what is allowed")
    func values() {
        let yaml = """
            model:
              layers: two
              hidden: 0
              experts: 1048577
              expert_ffn: 1.5
              activation: swish
            router:
              normalize: yes
              scale: 0
              top_k: -1
            run:
              seed: 18446744073709551616
            """
        #expect(
            problems(of: yaml) == [
                #"a.yaml:2:3: model.layers: found "two", allowed: an integer from 1 to 1024"#,
                "a.yaml:3:3: model.hidden: found 0, allowed: an integer from 1 to 65536",
                "a.yaml:4:3: model.experts: found 1048577, allowed: an integer from 1 to 1048576",
                "a.yaml:5:3: model.expert_ffn: found 1.5, allowed: an integer from 0 to 1048576",
                #"a.yaml:6:3: model.activation: found "swish", allowed: "#
                    + "swiglu, geglu, clamped-swiglu, gelu or relu",
                #"a.yaml:8:3: router.normalize: found "yes", allowed: true or false"#,
                "a.yaml:9:3: router.scale: found 0, allowed: a number above 0",
                "a.yaml:10:3: router.top_k: found -1, allowed: an integer from 1 to 65535",
                "a.yaml:12:3: run.seed: found 18446744073709551616, allowed: "
                    + "an integer from 0 to 18446744073709551615",
            ]
        )
    }

    @Test("a number has one notation")
    func notations() {
        for text in ["007", "+7", "1_000", "0x10", "1.0005e3", "0o7"] {
            #expect(problems(of: "model: {layers: \(text)}").count == 1, "\(text)")
        }
        for text in [".inf", "nan", "inf", "0x1p3", "1e999", "1.2.3"] {
            #expect(problems(of: "router: {scale: \(text)}").count == 1, "\(text)")
        }
    }

    @Test("other nodes than scalars, quoted numbers and missing values are named")
    func nodes() {
        let yaml = """
            model:
              layers: "4"
              hidden:
              experts: [8]
              activation: {}
              expert_ffn: ~
            router: 3
            workload:
            """
        #expect(
            problems(of: yaml).map { String($0.prefix { $0 != "," }) } == [
                #"a.yaml:2:3: model.layers: found the text "4""#,
                "a.yaml:3:3: model.hidden: found nothing",
                "a.yaml:4:3: model.experts: found a list",
                "a.yaml:5:3: model.activation: found a mapping",
                "a.yaml:6:3: model.expert_ffn: found nothing",
                "a.yaml:7:1: router: found 3",
                "a.yaml:8:1: workload: found nothing",
            ]
        )
        #expect(
            problems(of: "run: x").first?.hasSuffix(
                "a mapping with any of steps, warmup, seed, overlap, out and verify"
            ) == true
        )
    }

    @Test("an unknown key names the nearest one, or the ones there are")
    func unknownKeys() {
        let yaml = """
            model:
              hiden: 4
              workers: 2
              "zzzzzzzzzzz zz": 2
            modle:
              layers: 3
            cluster.workers: 3
            3: 4
            ? [a]
            : 4
            """
        #expect(
            problems(of: yaml) == [
                "a.yaml:2:3: model.hiden: unknown key, did you mean model.hidden?",
                "a.yaml:3:3: model.workers: unknown key, did you mean cluster.workers?",
                #"a.yaml:4:3: "model.zzzzzzzzzzz zz": unknown key, allowed: "#
                    + "preset, scale, checkpoint, family, layer, layers, hidden, experts, identity_experts, expert_ffn, activation, "
                    + "swiglu_limit, swiglu_alpha, "
                    + "expert_biases, shared_ffn, shared_gate, dense_ffn, output_scale, norm or dtype",
                "a.yaml:5:1: modle: unknown key, did you mean model?",
                "a.yaml:7:1: cluster.workers: unknown key, did you mean workers under cluster?",
                "a.yaml:8:1: 3: unknown key, allowed: model, router, workload, cluster, hardware or run",
                "a.yaml:9:3: found a list as a key, allowed: a name",
            ]
        )
    }

    @Test("a key that stands twice is an error at its place")
    func duplicates() {
        let yaml = "model:\n  layers: 4\n  hidden: 8\n  layers: 5\n"
        #expect(
            problems(of: yaml) == [#"a.yaml:2:3: found "layers" more than once in this mapping, allowed: once"#]
        )
    }

    @Test("text that is not YAML is an error at its place")
    func syntax() {
        #expect(problems(of: "model:\n  layers: [4\n").first?.hasPrefix("a.yaml:3:1: not YAML: while parsing") == true)
        #expect(problems(of: "a: b: c").first?.hasPrefix("a.yaml:1:5: not YAML: ") == true)
        #expect(problems(of: "model: *none").first == "a.yaml:1:8: not YAML: found undefined alias")
        #expect(problems(of: "model:\n  \u{1}layers: 4").first?.hasPrefix("a.yaml:2:3: not YAML: control") == true)
        #expect(problems(of: "run: {}\n---\nrun: {}").first?.contains("but found another document") == true)
    }

    @Test("an empty file and a file that is no mapping are errors")
    func wholeFile() {
        let allowed = "allowed: a mapping with the sections model, router, workload, cluster, hardware and run"
        for empty in ["", "\n\n", "# nothing\n", "~", "---\n"] {
            #expect(problems(of: empty) == ["a.yaml: found an empty file, \(allowed)"])
        }
        #expect(problems(of: "- 1") == ["a.yaml:1:1: found a list, \(allowed)"])
        #expect(problems(of: "\nhello") == [#"a.yaml:2:1: found "hello", \#(allowed)"#])
    }

    @Test("anchors and aliases stand for their values")
    func aliases() throws {
        let resolved = try resolve("model: {hidden: &width 96, expert_ffn: *width}")
        #expect(resolved.plan.model.hidden == 96)
        #expect(resolved.plan.model.expertFfn == 96)
    }

    @Test("twenty problems are told, the others are counted")
    func bounded() {
        let keys = (0..<500).map { "key\($0): 1\n" }.joined()
        let found = problems(of: keys)
        #expect(found.count == 21)
        #expect(found.last == "and 480 more")
    }

    @Test("what is shown of a bad value is short and cannot steer a terminal")
    func quoting() {
        let long = String(repeating: "x", count: 200)
        #expect(problems(of: "model: {layers: \(long)}").first?.contains("found \"\(long.prefix(100))...\"") == true)
        #expect(problems(of: "model: {layers: \"\\e[31m\"}").first?.contains(#"found the text "\u{1B}[31m","#) == true)
    }
}

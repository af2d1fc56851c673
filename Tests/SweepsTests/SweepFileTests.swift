import Basics
import ConfigurationSupport
import Records
import Reports
import Settings
import TestSupport
import Testing

@testable import Sweeps

@Suite("Sweep files")
struct SweepFileTests {
    @Test("say what is run, and have defaults")
    func read() throws {
        let file = try sweep(
            """
            config: ../a.yaml
            clock: modelled
            repeats: 3
            seeds: [7, 1]
            ideal: weak
            out: ./results
            set: {run.steps: 7}
            list:
              - {cluster.workers: 1, workload.tokens: 64}
              - {cluster.workers: 2, workload.tokens: 128}
            grid: {router.top_k: [1, 2]}
            """
        )
        #expect(file.config == "conf/../a.yaml")
        #expect(file.clock == .modelled && file.repeats == 3 && file.ideal == .weak && file.scale == "cluster.workers")
        #expect(file.out == "conf/./results" || file.out == "conf/results")
        #expect(file.keys == ["cluster.workers", "workload.tokens", "router.top_k"])
        // Tokens grow with the workers; only the rest has to be the same.
        #expect(file.keysBesideScale == ["router.top_k"])
        let plain = try sweep("config: a.yaml")
        #expect(plain.clock == .measured && plain.repeats == 1 && plain.ideal == .none && plain.out == nil)
        #expect(plain.keys.isEmpty && plain.combinations == [[]])
    }

    @Test("take paths from their own folder")
    func paths() throws {
        let file = try sweep("config: a.yaml\ngrid: {workload.path: [data/x.txt, /y.txt]}")
        #expect(file.combinations.map { $0.map(\.text) } == [["/cwd/conf/data/x.txt"], ["/y.txt"]])
        #expect(file.config == "conf/a.yaml")
    }

    @Test("compare points that share everything but the scale")
    func besideScale() throws {
        let grid = "grid: {cluster.workers: [1, 2], router.top_k: [1, 2]}"
        let file = try sweep("config: a.yaml\nideal: strong\n\(grid)\nlist: [{model.experts: 8}, {model.experts: 16}]")
        #expect(file.keysBesideScale == ["model.experts", "router.top_k"])
    }

    private static let places: [(yaml: String, problem: String)] = [
        (
            "",
            "conf/s.yaml: found an empty file, allowed: a mapping with any of config, clock, repeats, seeds, ideal, "
                + "scale, out, set, grid and list"
        ),
        (
            "[1]",
            "conf/s.yaml:1:1: found a list, allowed: a mapping with any of config, clock, repeats, seeds, ideal, "
                + "scale, out, set, grid and list"
        ),
        (
            "model: {layers: 2}\nrun: {step: 3}",
            "conf/s.yaml: a configuration of a run, not a sweep file; 'epsim run' runs it"
        ),
        (
            "config: a\nrun: {steps: 3}",
            "conf/s.yaml:2:1: run: unknown key, allowed: config, clock, repeats, seeds, ideal, scale, out, set, grid or "
                + "list"
        ),
        (
            "grid: {run.steps: [5]}",
            "conf/s.yaml: config: missing, allowed: a path without control characters, 1 to "
                + "4096 bytes"
        ),
        ("config: a\nrepeat: 2", "conf/s.yaml:2:1: repeat: unknown key, did you mean repeats?"),
        ("config: a\ngird: {}", "conf/s.yaml:2:1: gird: unknown key, did you mean grid?"),
        ("config: a\nrepeats: 0", "conf/s.yaml:2:1: repeats: found 0, allowed: an integer from 1 to 1000"),
        ("config: a\nclock: wall", #"conf/s.yaml:2:1: clock: found "wall", allowed: measured or modelled"#),
        ("config: a\nideal: perfect", #"conf/s.yaml:2:1: ideal: found "perfect", allowed: none, strong or weak"#),
        (
            "config: a\nseeds: [1, 1]",
            #"conf/s.yaml:2:1: seeds: found "1,1", allowed: at most 1000 different integers "#
                + "from 0 to 18446744073709551615, such as [1, 2, 3]"
        ),
        ("config: a\nset: 3", "conf/s.yaml:2:6: set: found 3, allowed: a mapping of keys to values"),
        (
            "config: a\nlist: {run.steps: 3}",
            "conf/s.yaml:2:7: list: found a mapping, allowed: a list of mappings of "
                + "keys to values"
        ),
        ("config: a\nlist:\n  - 3", "conf/s.yaml:3:5: list: found 3, allowed: a mapping of keys to values"),
        (
            "config: a\nlist:\n  - {}",
            "conf/s.yaml:3:5: list: found an empty mapping, allowed: a mapping of keys to "
                + "values"
        ),
        (
            "config: a\ngrid:\n  cluster.worker: [1]",
            "conf/s.yaml:3:3: grid.cluster.worker: unknown key, did you mean "
                + "cluster.workers?"
        ),
        (
            "config: a\ngrid:\n  cluster: {workers: [1]}",
            "conf/s.yaml:3:3: grid.cluster: found a section, allowed: a whole key such as "
                + "cluster.workers"
        ),
        ("config: a\ngrid:\n  [1, 2]: 3", "conf/s.yaml:3:3: grid: found a list as a key, allowed: a name"),
        (
            "config: a\ngrid:\n  cluster.workers: 4",
            "conf/s.yaml:3:20: grid.cluster.workers: found 4, allowed: a list of "
                + "values: an integer from 1 to 65535"
        ),
        (
            "config: a\ngrid:\n  cluster.workers: []",
            "conf/s.yaml:3:20: grid.cluster.workers: found an empty list, "
                + "allowed: a list of values: an integer from 1 to 65535"
        ),
        (
            "config: a\ngrid:\n  cluster.workers:\n    - 1\n    - two",
            "conf/s.yaml:5:7: grid.cluster.workers: found "
                + #""two", allowed: an integer from 1 to 65535"#
        ),
        (
            "config: a\ngrid:\n  cluster.workers: [1, [2]]",
            "conf/s.yaml:3:24: grid.cluster.workers: found a list, "
                + "allowed: an integer from 1 to 65535"
        ),
        (
            "config: a\ngrid: {cluster.workers: [1, 2, 1]}",
            "conf/s.yaml:2:32: grid.cluster.workers: found 1 more than "
                + "once, allowed: once"
        ),
        (
            "config: a\nlist:\n  - {run.steps: 5}\n  - {run.steps: no}",
            "conf/s.yaml:4:6: list.run.steps: found "
                + #""no", allowed: an integer from 1 to 1000000"#
        ),
        (
            "config: a\nset: {run.steps: 5}\ngrid: {run.steps: [6]}",
            "conf/s.yaml:3:20: grid.run.steps: given by set and "
                + "again by grid, allowed: once"
        ),
        (
            "config: a\nset: {run.steps: 5}\nlist: [{run.steps: 6}]",
            "conf/s.yaml:3:9: list.run.steps: given by set and "
                + "again by list, allowed: once"
        ),
        (
            "config: a\nseeds: [1]\nset: {run.seed: 6}",
            "conf/s.yaml:3:7: set.run.seed: given by seeds and again by set, "
                + "allowed: once"
        ),
        (
            "config: a\nset: {run.out: x}",
            "conf/s.yaml:2:7: set.run.out: does not apply: a sweep keeps its runs in its own "
                + "folder, which out names"
        ),
        (
            "config: a\nscale: cluster.workers",
            "conf/s.yaml:2:1: scale: does not apply: it applies when ideal is strong "
                + "or weak, but ideal is none"
        ),
        (
            "config: a\nideal: strong",
            "conf/s.yaml:2:1: scale: found cluster.workers, which nothing varies, allowed: a "
                + "key that grid or list varies"
        ),
        (
            "config: a\nideal: weak\nscale: workload.tokenz",
            #"conf/s.yaml:3:1: scale: found "workload.tokenz", did you "#
                + "mean workload.tokens? allowed: a key that grid or list varies"
        ),
        (
            "config: a\nideal: strong\nscale: router.kind\ngrid: {router.kind: [switch]}",
            "conf/s.yaml:4:22: "
                + #"router.kind: found "switch", allowed for the scale: a number above 0"#
        ),
        (
            "config: a\nrepeats: 1000\ngrid: {run.steps: [1, 2, 3], run.warmup: [1, 2, 3, 4]}",
            "conf/s.yaml: found 12000 "
                + "runs (points times repeats), allowed: at most 10000"
        ),
    ]

    @Test("name file, line, key, what was found and what is allowed", arguments: places)
    func problem(_ yaml: String, _ expected: String) {
        #expect(sweepProblems(yaml) == [expected])
    }

    @Test("are told everything that is wrong with them")
    func everything() {
        let found = sweepProblems("config: a\nrepeats: 0\nset: {x: 1}\ngrid: {run.steps: [0, 5, x]}")
        #expect(found.count == 4)
    }

    @Test("are read or refused, whatever they hold")
    func fuzz() {
        var random = SeededRandom()
        let yaml =
            "config: a\nideal: weak\nseeds: [1, 2]\nset: {run.steps: 5}\nlist:\n  - {cluster.workers: 1}\n"
            + "  - {cluster.workers: 2, router.kind: switch}\ngrid:\n  model.layers: [1, 2]\n"
        let pieces = [
            "[", "]", "{", "}", ": ", "\n", "- ", "~", "&a ", "*a", "!!x ", "\"", "#", "9e99", "-1", "grid", "\t",
        ]
        var (read, refused) = (0, 0)
        for _ in 0..<500 {
            var characters = Array(yaml)
            // A change leaves almost no file whole, so a fourth of them has none.
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let place = Int.random(in: 0..<characters.count, using: &random)
                let end = min(characters.count, place + Int.random(in: 0...6, using: &random))
                characters.replaceSubrange(place..<end, with: pieces.randomElement(using: &random) ?? "")
            }
            let found = sweepProblems(String(characters))
            #expect(
                found.allSatisfy { $0.hasPrefix("conf/s.yaml") && !$0.contains("\n") },
                "\(found), seed \(random.seed)"
            )
            if found.isEmpty { read += 1 } else { refused += 1 }
        }
        #expect(read > 0 && refused > 100, "seed \(random.seed)")
    }
}

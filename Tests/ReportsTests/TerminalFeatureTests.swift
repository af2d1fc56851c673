import Figures
import MadeUpRuns
import MoE
import Records
import Reports
import Testing

/// What the terminal shows of a run only when the run has it.
@Suite("Terminal report of features")
struct TerminalFeatureTests {
    /// A description with all that a header can say.
    private static func description(steps: Int = 25) -> RunDescription {
        var run = MadeUpRun(ranks: 4, layers: 4, steps: steps).description
        run.model.sharedExpert = ExpertShape(hidden: 512, ffn: 2048, activation: .swiglu)
        run.model.hasSharedGate = true
        run.model.denseExpert = ExpertShape(hidden: 512, ffn: 4864, activation: .swiglu)
        run.model.expert.hasBiases = true
        run.model.outputScale = 0.70710677
        run.checkpoint = CheckpointDescription(
            file: "model.safetensors.index.json",
            family: "deepseek-v3",
            layers: [3, 4, 5, 7],
            forcedOn: "model_type \"fancy\""
        )
        run.router =
            "deepseek-v3, top 8, sigmoid, 4 of 8 groups, scale 2.5, bias 0.001 by sign, capacity factor 1.25, training"
        run.routerLearns = true
        run.padding = "blocks of 128 rows"
        return run
    }

    @Test func theHeaderNamesWhatWasNotRead() {
        var run = Self.description()
        #expect(!run.entries.contains { $0.key == "not read" })
        run.unread = ["hardware.profile (a.yaml:1)", "hardware.kernel (a.yaml:2)"]
        #expect(
            run.entries.first { $0.key == "not read" }?.value
                == "hardware.profile (a.yaml:1), hardware.kernel (a.yaml:2)"
        )
    }

    /// Steps with all that a report can show; MaxVio falls from step to step.
    private static func steps(_ run: RunDescription) -> [StepRecord] {
        MadeUpRun(ranks: 4, layers: 4, steps: run.steps).steps.map { step in
            var step = step
            for layer in step.layers.indices {
                step.layers[layer].sharedSeconds = 50e-6
                step.layers[layer].sharedComputeSeconds = 400e-6
                step.layers[layer].seconds += 50e-6
                step.layers[layer].expertCopies = [Int](repeating: 100, count: 8)
                step.layers[layer].expertCopies[layer] += 100 - 2 * step.step
                let copies = step.layers[layer].expertCopies
                for rank in step.layers[layer].ranks.indices {
                    step.layers[layer].ranks[rank].copies = copies[2 * rank] + copies[2 * rank + 1]
                }
                step.layers[layer].smoothLoad = step.layers[layer].expertCopies.map { Double($0) + 0.5 }
                step.layers[layer].paddedRows = 8 * 256
            }
            step.seconds += 200e-6
            return step
        }
    }

    private static func report(_ run: RunDescription = description()) throws -> Report {
        try Report(
            description: run,
            steps: steps(run),
            end: .completed,
            verification: Verification(wrongTokens: 0, checkedTokens: 10240)
        )
    }

    @Test func headerNamesSharedDenseBiasesAndCheckpoint() throws {
        let text = TerminalReport.render(try Self.report(), options: .init(width: 200))
        let model =
            "# model: 4 MoE layers of 8 experts, hidden 512, expert width 1024 swiglu f32 with biases, "
            + "shared expert width 2048 (gated), dense network width 4864, outputs times 0.707"
        #expect(text.contains("\n\(model)\n"))
        let family = "family deepseek-v3, forced on model_type \"fancy\""
        #expect(text.contains("\n# weights: layers 3-5, 7 of model.safetensors.index.json, \(family)\n"))
        var run = Self.description()
        run.model.hasSharedGate = false
        run.checkpoint?.layers = [3]
        let other = TerminalReport.render(try Self.report(run), options: .init(width: 200))
        #expect(other.contains("shared expert width 2048, dense"))
        #expect(other.contains("\n# weights: layer 3 of model"))
        #expect(!TerminalReport.render(try MadeUpRun.small.report()).contains("# weights"))
    }

    @Test func sharedExpertsAreShownWhereTheCoordinatorHasThem() throws {
        let text = TerminalReport.render(try MadeUpRun.small.report(MadeUpRun.small.withSharedExperts))
        for line in [
            "phase       gate  dispatch  queue  compute  combine   wait  shared  merge  residual",
            "ms/step    1.500     2.000  1.000    2.000    1.000  5.200   1.000  2.500     0.000",
            "% of step    9.3      12.3    6.2     12.3      6.2   32.1     6.2   15.4       0.0",
        ] {
            #expect(text.contains(line + "\n"), "\(text)")
        }
        let row = text.split(separator: "\n").first { $0.hasPrefix("shared experts, coordinator ") }
        let cells = row?.split(separator: "  ").map { $0.drop { $0 == " " } }
        #expect(cells?.dropFirst(2).prefix(3) == ["4.000", "ms", "24.7"], "\(text)")
        #expect(!TerminalReport.render(try MadeUpRun.small.report()).contains("shared"))
    }

    @Test func paddingAndSmoothLoadAreShownWhereThereAreSome() throws {
        let text = TerminalReport.render(try Self.report(), options: .init(width: 200))
        let padding =
            "padding: 133.8 % more rows (at most 140.4 % in a layer) if queues were padded to blocks of 128 rows: "
            + "8192.0 rows a step for 3504.0 copies"
        #expect(text.contains("\n\(padding)\n"), "\(text)")
        #expect(text.contains("\nsmooth load CV² "))
        var run = Self.description()
        run.padding = nil
        #expect(
            TerminalReport.render(try Self.report(run), options: .init(width: 200)).contains("if queues were padded: ")
        )
        let plain = TerminalReport.render(try MadeUpRun.small.report())
        #expect(!plain.contains("padding") && !plain.contains("smooth"))
    }

    /// 25 steps in ten rows: five of three steps, five of two.
    @Test func aRouterThatLearnsIsShownOverTheSteps() throws {
        let text = TerminalReport.render(try Self.report())
        let section = Array(text.split(separator: "\n").drop { !$0.hasPrefix("# over the steps") }.prefix(12))
        #expect(section.count == 12)
        #expect(section[0] == "# over the steps: mean over the layers and steps of each row")
        let header = "steps  expert MaxVio  expert imbalance  rank imbalance  loss: importance  dropped %"
        #expect(section[1] == header)
        let cells = section.dropFirst(2).map { $0.split(separator: " ") }
        #expect(
            cells.map(\.first) == ["0-1", "2-4", "5-6", "7-9", "10-11", "12-14", "15-16", "17-19", "20-21", "22-24"]
        )
        // Of eight experts, seven have 100 copies and one 200, 198 in steps 0 and 1, and 156, 154, 152 in 22 to 24.
        #expect(cells.first?.dropFirst().first == "0.771")
        #expect(cells.last?.dropFirst().first == "0.443")
        let falls = zip(cells, cells.dropFirst()).allSatisfy { (Double($0[1]) ?? 0) > (Double($1[1]) ?? 9) }
        #expect(falls)
    }

    @Test(arguments: [(9, true, false, 0), (10, true, false, 10), (10, false, false, 0), (7, false, true, 7)])
    func stepsAreShownWhereTheyTellSomething(steps: Int, learns: Bool, isAskedFor: Bool, rows: Int) throws {
        var run = Self.description(steps: steps)
        run.routerLearns = learns
        let text = TerminalReport.render(try Self.report(run), options: .init(showsOverSteps: isAskedFor))
        let table = text.split(separator: "\n", omittingEmptySubsequences: false)
            .drop { !$0.hasPrefix("# over the steps") }.prefix { !$0.isEmpty }
        #expect(table.count == (rows == 0 ? 0 : rows + 2))
    }

    @Test(arguments: [40, 80, 120, 160])
    func everythingFitsTheTerminal(width: Int) throws {
        let text = TerminalReport.render(try Self.report(), options: .init(width: width))
        let wide = text.split(separator: "\n").filter { $0.count > width }
        // At 40 columns a name and four numbers are too many for any line; from 80 on nothing is.
        #expect(width < 80 || wide.isEmpty, "\(wide)")
        #expect(text.hasSuffix("VALID\nwrong tokens: 0 OK (10240 checked)\n"))
        for phase in ["dispatch", "queue", "compute", "combine", "wait", "shared", "merge", "residual"] {
            #expect(text.contains(phase), "\(phase)")
        }
    }
}

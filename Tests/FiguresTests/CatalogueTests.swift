import MoE
import Records
import Testing

@testable import Figures

@Suite("The catalogue of figures")
struct CatalogueTests {
    /// Two ranks with two experts each.
    private static func layer(_ copies: [Int], dropped: Int = 0, ranks: [Int]? = nil, travelling: Double = 0)
        -> LayerRecord
    {
        let ofRanks = ranks ?? [copies[0] + copies[1], copies[2] + copies[3]]
        return LayerRecord(
            layer: 0,
            expertCopies: copies,
            expertDropped: [dropped, 0, 0, 0],
            importance: copies.map(Double.init),
            tokensWithoutExpert: 0,
            losses: [],
            ranks: ofRanks.enumerated().map { rank, copies in
                var record = RankRecord(rank: rank)
                record.copies = copies
                record.dispatchInFlightSeconds = travelling
                return record
            }
        )
    }

    private static func step(_ layers: [LayerRecord], seconds: Double = 1) -> StepRecord {
        StepRecord(step: 0, tokens: 4, seconds: seconds, layers: layers)
    }

    @Test(arguments: [
        ("gini.p99", "did you mean load.expert.gini.mean? load.expert.gini has mean, p50, p90 and max"),
        ("load.expert.gini.p99", "did you mean load.expert.gini.mean? load.expert.gini has mean, p50, p90 and max"),
        ("load.dropped.fraction.mean", "did you mean load.dropped.fraction? It is one number"),
        ("ginni", "did you mean gini? allowed are step-seconds,"),
        ("nothing like it", "allowed are step-seconds, tokens-per-second,"),
    ])
    func aWrongNameLeadsToARightOne(name: String, words: String) {
        #expect(FigureName(name) == nil)
        #expect(FigureName.unknown(name).contains("no figure is called '\(name)'"))
        #expect(FigureName.unknown(name).contains(words))
    }

    @Test func theTableTellsSpreadsFromNumbers() throws {
        let lines = Figure.markdown.split(separator: "\n")
        let gini = try #require(lines.first { $0.hasPrefix("| `load.expert.gini` ") })
        #expect(gini.contains("| **mean**, p50, p90, max | `gini` |"))
        #expect(
            try #require(lines.first { $0.hasPrefix("| `time.step_seconds` ") }).contains("| mean, **p50**, p90, max |")
        )
        #expect(
            try #require(lines.first { $0.hasPrefix("| `load.dropped.fraction` ") }).contains(
                "| – | `dropped-fraction` |"
            )
        )
    }

    @Test func everyNumberHasOneName() {
        let paths = Figure.catalogue.map(\.path)
        #expect(Set(paths).count == paths.count)
        let names = FigureName.compared.map(\.sweepColumn) + Figure.catalogue.flatMap(\.aliases)
        #expect(names.allSatisfy { FigureName($0) == nil || paths.contains(FigureName($0)?.figure.path ?? "") })
        let columns = FigureName.compared.map(\.sweepColumn)
        #expect(Set(columns).count == columns.count)
        let keys = StepFigures.columns.map(\.key)
        #expect(Set(keys).count == keys.count)
        let counters = Counter.all.map(\.name)
        #expect(Set(counters).count == counters.count && counters.contains("copies_asked"))
        for figure in Figure.catalogue {
            #expect(!figure.title.isEmpty && !figure.definition.isEmpty && !figure.definition.hasSuffix("."))
            #expect(FigureName(figure.path)?.figure.path == figure.path)
            for name in figure.aliases { #expect(FigureName(name)?.figure.path == figure.path, "\(name)") }
        }
    }

    @Test func aStatisticMayBeNamed() throws {
        #expect(try #require(FigureName("step-seconds")).description == "time.step_seconds.p50")
        #expect(try #require(FigureName("time.step_seconds.max")).statistic == .max)
        #expect(try #require(FigureName("load.rank.imbalance")).description == "load.rank.imbalance.mean")
        #expect(try #require(FigureName("dropped_share")).description == "load.dropped.fraction")
        #expect(try #require(FigureName("step_seconds_p90")).description == "time.step_seconds.p90")
        #expect(try #require(FigureName("tokens_per_second")).description == "tokens_per_second.p50")
        #expect(try #require(FigureName("load_expert_cv_max")).description == "load.expert.cv.max")
        #expect(FigureName("load.dropped.fraction.mean") == nil && FigureName("load") == nil && FigureName("") == nil)
    }

    /// Nothing routed is not perfect balance.
    @Test func layersWithoutLoadAreLeftOutAndCounted() {
        let layers = [Self.layer([3, 1, 0, 0]), Self.layer([0, 0, 0, 0])]
        let sums = FigureAccumulator([Self.step(layers)], ranks: 2, keepsValues: true)
        #expect(sums[.rankImbalance] == 2 && sums[each: .rankImbalance].count == 1)
        #expect(sums[.expertImbalance] == 3 && sums[.layersWithoutLoad] == 1 && !sums.isWithoutLoad)
        #expect(sums.values(of: .load)[spread: .maxvio].max == 2)
        #expect(FigureAccumulator([Self.step([layers[1]])], ranks: 2).isWithoutLoad)
        #expect(!FigureAccumulator([StepRecord](), ranks: 2).isWithoutLoad)
    }

    /// Neither the losses nor the importance of a layer in which nothing was routed count.
    @Test func lossesOfLayersWithoutLoadAreLeftOut() {
        var layers = [Self.layer([3, 1, 0, 0]), Self.layer([0, 0, 0, 0], dropped: 4)]
        for index in layers.indices {
            layers[index].losses = [
                BalanceLoss(name: "a", value: index == 0 ? 2 : 0, coefficient: 1, valueAtBalance: 1)
            ]
            layers[index].importance = [3, 1, 0, 0]
        }
        let sums = FigureAccumulator([Self.step(layers)], ranks: 2, keepsValues: true)
        #expect(sums.losses.first?.each.mean == 2 && sums.losses.first?.each.count == 1)
        #expect(sums.values(of: .load)[spread: FigureName("load.importance.cv")?.figure ?? .maxvio].summary != nil)
        #expect(FigureName("load.importance.cv").map { sums[each: $0.figure].count } == 1)
    }

    @Test func throughputPerRankIsThatOfAllOverTheRanks() {
        let sums = FigureAccumulator([Self.step([Self.layer([1, 1, 1, 1])], seconds: 0.5)], ranks: 2)
        #expect(sums[.tokensPerSecond] == 8 && sums[.tokensPerSecondPerRank] == 4)
        // A row of a step has the same by the same rule.
        let row = StepFigures(Self.step([Self.layer([1, 1, 1, 1])], seconds: 0.5), ranks: 2)
        #expect(row[.tokensPerSecondPerRank, ranks: 2] == 4 && row[.tokensPerSecond] == 8 && row[.stepSeconds] == 0.5)
        #expect(
            StepFigures.has(.tokensPerSecondPerRank) && Figure.tokensPerSecondPerRank.measure == "tokens/s per rank"
        )
        #expect(FigureAccumulator([Self.step([])], ranks: 0)[.tokensPerSecondPerRank] == nil)
    }

    @Test func aLayerThatLacksARankCountsForExpertsAlone() {
        let sums = FigureAccumulator([Self.step([Self.layer([3, 1, 0, 0], ranks: [4])])], ranks: 2)
        #expect(sums[.rankImbalance] == nil && sums[.expertImbalance] == 3 && sums[.layersWithoutLoad] == 0)
    }

    @Test func ratiosAreOfSums() throws {
        let layers = [Self.layer([3, 1, 0, 0], dropped: 4), Self.layer([8, 8, 8, 8])]
        let sums = FigureAccumulator([Self.step(layers)], ranks: 2)
        #expect(sums[.droppedFraction] == 4.0 / 40 && sums[.largestDroppedFraction] == 0.5)
        let row = StepFigures(Self.step(layers), ranks: 2)
        #expect(row[.droppedFraction] == 0.25 && row[.copiesDropped] == 2)
        let asked = try #require(Counter.all.first { $0.name == "copies_asked" })
        #expect(sums[asked] == 40)
    }

    /// By the definition: differences of all pairs; numpy gives the same.
    @Test(arguments: [([1, 1, 1, 1], 0.0), ([4, 0, 0, 0], 0.75), ([3, 1, 0, 0], 0.625), ([9, 2, 5, 4], 0.275)])
    func giniIsTheMeanDifference(copies: [Int], expected: Double) throws {
        let gini = try #require(FigureName("gini")).figure
        let sums = FigureAccumulator([Self.step([Self.layer(copies)])], ranks: 2)
        let differences = copies.flatMap { a in copies.map { abs(a - $0) } }.reduce(0, +)
        #expect(
            sums[gini] == Double(differences) / Double(2 * copies.count * copies.reduce(0, +)) && sums[gini] == expected
        )
    }

    @Test func timesAreSharesOfTheSteps() {
        let steps = [
            Self.step([Self.layer([1, 1, 1, 1], travelling: 0.5)], seconds: 2),
            Self.step([Self.layer([1, 1, 1, 1], travelling: 0.25)], seconds: 1),
        ]
        let sums = FigureAccumulator(steps, ranks: 2)
        #expect(sums[.communicationSeconds] == 0.375 && sums[.communicationShare] == 0.25)
        #expect(sums[.stepSeconds] == 1.5 && sums.tokens == 8 && sums.steps == 2)
    }

    /// However records are split among accumulators, their sum is the same.
    @Test(arguments: [UInt64(1), 2, 3])
    func accumulatorsAddUp(seed: UInt64) {
        var state = seed
        func draw(_ below: UInt64) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % below)
        }
        let steps = (0..<7).map { _ in
            Self.step((0..<3).map { _ in Self.layer((0..<4).map { _ in draw(4) }, dropped: draw(3)) }, seconds: 0.5)
        }
        let whole = FigureAccumulator(steps, ranks: 2, keepsValues: true)
        var sum = FigureAccumulator(keepsValues: true)
        sum.add(FigureAccumulator(steps[..<3], ranks: 2, keepsValues: true))
        sum.add(FigureAccumulator(steps[3...], ranks: 2, keepsValues: true))
        for figure in Figure.catalogue {
            let difference = (whole[figure] ?? -1) - (sum[figure] ?? -1)
            #expect(abs(difference) < 1e-12, "\(figure.path), seed \(seed)")
        }
        #expect(whole.values(of: .load)[spread: .maxvio] == sum.values(of: .load)[spread: .maxvio], "seed \(seed)")
    }
}

import Figures
import MoE
import Records
import Tensors
import Testing

@testable import Reports

/// The report on a router that was run alone.
@Suite struct RoutingReportTests {
    /// A routing of four tokens with one copy each.
    private func routing(
        _ experts: [Int32],
        dropped: Set<Int> = [],
        paddedRows: Int? = nil,
        loss: Double
    ) -> Routing {
        let plan = DispatchPlan(
            experts: 2,
            copyOffsets: Array(0...experts.count),
            expert: experts,
            weight: [Float](repeating: 1, count: experts.count),
            position: experts.indices.map { dropped.contains($0) ? DispatchPlan.dropped : Int32($0) }
        )
        let losses = [BalanceLoss(name: "switch auxiliary", value: loss, coefficient: 0.01, valueAtBalance: 1)]
        return Routing(plan: plan, importance: [3, 1], losses: losses, paddedRows: paddedRows)
    }

    /// Two layers, two steps; layer 3 is even in the first step and drops one copy in the second.
    private func report(agreement: ChoiceAgreement? = nil, tolerance: Double = 0) -> RoutingReport {
        var first = RoutedLayer(number: 3, tensor: "layers.3.router_logits", agreement: agreement)
        first.steps = [
            LayerRecord(layer: 3, routing: routing([0, 1, 0, 1], loss: 1)),
            LayerRecord(layer: 3, routing: routing([0, 0, 0, 1], dropped: [2], loss: 1.5)),
        ]
        var second = RoutedLayer(number: 7, tensor: "layers.7.router_logits")
        second.steps = [
            LayerRecord(layer: 7, routing: routing([0, 0, 0, 0], paddedRows: 4, loss: 2)),
            LayerRecord(layer: 7, routing: routing([1, 1, 1, 0], paddedRows: 6, loss: 1.5)),
        ]
        let description = RoutingDescription(
            epsimVersion: "1",
            file: "x.safetensors",
            router: "switch",
            rule: "top-1",
            seed: 9,
            experts: 2,
            stepTokens: [4, 4],
            notes: ["a note"]
        )
        return RoutingReport(description, layers: [first, second], tolerance: tolerance)
    }

    @Test func figuresArePerLayerPerStepAndInAll() {
        let report = report()
        #expect(report.copies == 16)
        #expect(report.layers.map(\.copies) == [8, 8])
        // Loads 2 2 and 2 1 of layer 3, 4 0 and 1 3 of layer 7.
        let ofLayers = report.layers.compactMap { $0.load.figures[.expertImbalance] }
        #expect(ofLayers.count == 2 && abs(ofLayers[0] - 7 / 6.0) < 1e-12 && ofLayers[1] == 1.75)
        let ofSteps = report.steps.compactMap { $0.load.figures[.maxvio] }
        #expect(ofSteps.count == 2 && ofSteps[0] == 0.5 && abs(ofSteps[1] - 5 / 12.0) < 1e-12)
        #expect(report.load.figures[spread: .expertImbalance].max == 2)
        #expect(report.load.figures[whole: .copiesDropped] == 1 && report.load.figures[.droppedFraction] == 1.0 / 16)
        #expect(report.load.figures[whole: .tokensUnserved] == 1)
        let losses = report.layers.compactMap { $0.load.losses.first?.value.mean }
        #expect(losses == [1.25, 1.75])
        #expect(report.load.figures[spread: .rankImbalance].mean == nil, "there are no ranks")
        #expect(report.agreement == nil)
    }

    @Test func textHasEveryLayerAndStep() {
        let lines = report().text(width: 200).split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        // Further figures of the catalogue may stand behind.
        for cells in [
            ["3", "8", "1", "12.5", "1", "-", "1.167", "0.167", "0.167"],
            ["7", "8", "0", "0.0", "0", "25.0", "1.750", "0.750", "0.750"],
            ["all", "16", "1", "6.3", "1", "25.0", "1.458", "0.458", "0.458"],
            ["max", "25.0", "50.0", "2.000", "1.000", "1.000"], ["1", "4", "12.5", "1.417", "0.417", "0.417"],
        ] {
            #expect(lines.contains { $0.starts(with: cells) && $0.contains("0.500") }, "\(cells)")
        }
        let text = report().text()
        #expect(text.contains("coef. 0.01, 1 at balance"))
        #expect(text.contains("# note: a note"))
        #expect(text.contains("2 layers of 2 experts, 8 tokens in 2 steps of 4, seed 9"))
    }

    @Test func manyStepsAreJoined() {
        var layer = RoutedLayer(number: 0, tensor: "router_logits")
        layer.steps = (0..<25).map { step in
            LayerRecord(layer: 0, routing: routing(step < 12 ? [0, 0, 0, 0] : [0, 1, 0, 1], loss: 1))
        }
        let description = RoutingDescription(
            epsimVersion: "1",
            file: "x",
            router: "r",
            rule: "",
            seed: 1,
            experts: 2,
            stepTokens: [Int](repeating: 4, count: 25),
            notes: []
        )
        let text = RoutingReport(description, layers: [layer], tolerance: 0).text(width: 200)
        let rows = text.split(separator: "\n").filter { $0.contains(" to ") && $0.first?.isNumber == true }
        #expect(rows.count == 10)
        #expect(rows.first?.hasPrefix("0 to 1 ") == true && rows.last?.hasPrefix("22 to 24") == true)
        #expect(rows.first?.contains("2.000") == true && rows.last?.contains("1.000") == true)
    }

    @Test func agreementIsJudgedByItsTolerance() {
        var agreement = ChoiceAgreement()
        let recorded = RecordedChoices(choicesPerToken: 1, experts: [0, 1, 0, 1], weights: [1, 1, 0.5, 1])
        let plan = routing([0, 1, 0, 1], loss: 1).plan
        agreement.compare(plan, with: recorded, kept: nil, number: { $0 })
        #expect(report(agreement: agreement, tolerance: 0.4).agreement?.holds == false)
        let held = report(agreement: agreement, tolerance: 0.5)
        #expect(held.agreement?.holds == true)
        #expect(held.agreement?.tokens == 4 && held.agreement?.sameTokens == 4)
        #expect(held.text().hasSuffix("\nSAME\n"))
        let text = report(agreement: agreement, tolerance: 0.25).text()
        #expect(text.hasSuffix("\nDIFFERENT: weights differ by more than 0.25\n"))
        agreement.compare(
            plan,
            with: RecordedChoices(choicesPerToken: 1, experts: [0, 0, 0, 1], weights: nil),
            kept: nil,
            number: { $0 + 4 }
        )
        let different = report(agreement: agreement, tolerance: 1).text()
        #expect(different.contains("layer 3, token 5: recorded 0, routed 1\n"))
        let rows = different.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(rows.contains(["all", "7", "0", "1", "0.5"]))
        #expect(different.hasSuffix("DIFFERENT: 1 token\n"))
    }

    @Test func jsonHasTheKeysOfTheRunsReport() throws {
        let text = try report().json()
        for key in [#""schema_version" : 1"#, #""maxvio""#, #""agreement" : null"#, #""step_tokens""#] {
            #expect(text.contains(key), "\(key)")
        }
    }
}

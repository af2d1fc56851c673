public import Figures
import Records
public import MoE

/// What a router made of recorded logits, without a cluster: loads, drops and losses per layer, per step and in all.
///
/// `load` has the keys and the meaning that it has in the report of a run; the figures over ranks are `null`.
public struct RoutingReport: Codable, Equatable, Sendable {
    /// One layer, over all steps.
    public struct Layer: Codable, Equatable, Sendable {
        /// Number of the layer in the file.
        public let layer: Int
        /// The tensor that the logits come from.
        public let tensor: String
        /// Copies that the router asked for, over all steps.
        public let copies: Int
        /// The figures over the steps of the layer.
        public let load: LoadFigures
        /// How the choices compare with recorded ones.
        @OrNull public private(set) var agreement: RoutingAgreement?
        /// The first tokens whose choices differ from recorded ones.
        public let differences: [ChoiceAgreement.Difference]
    }

    /// One step, over all layers.
    public struct Step: Codable, Equatable, Sendable {
        /// Index of the step.
        public let step: Int
        /// Tokens of the step.
        public let tokens: Int
        /// The figures over the layers of the step.
        public let load: LoadFigures
    }

    /// The version of the keys.
    public static let schemaVersion = 1

    /// The version of the keys of this report.
    public let schemaVersion: Int
    /// What was routed, and by what.
    public let run: RoutingDescription
    /// Copies that the router asked for, over all layers and steps.
    public let copies: Int
    /// The figures over all layers and steps.
    public let load: LoadFigures
    /// The layers, by number.
    public let layers: [Layer]
    /// The steps, in order.
    public let steps: [Step]
    /// The comparison with recorded choices.
    @OrNull public private(set) var agreement: RoutingAgreement?

    /// The report of layers that were routed.
    ///
    /// - Parameters:
    ///   - layers: each with one record per step of the description.
    ///   - tolerance: how far a weight may differ from a recorded one.
    public init(_ run: RoutingDescription, layers: [RoutedLayer], tolerance: Double) {
        let records = layers.map { layer in
            zip(run.stepTokens.indices, layer.steps).map { step, record in
                StepRecord(step: step, tokens: run.stepTokens[step], seconds: 0, layers: [record])
            }
        }
        schemaVersion = Self.schemaVersion
        self.run = run
        copies = layers.reduce(0) { $0 + $1.copies }
        load = LoadFigures.routing(records.flatMap { $0 })
        self.layers = zip(layers, records).map { layer, records in
            Layer(
                layer: layer.number,
                tensor: layer.tensor,
                copies: layer.copies,
                load: .routing(records),
                agreement: RoutingAgreement([layer.agreement].compactMap(\.self), tolerance: tolerance),
                differences: layer.agreement?.differences ?? []
            )
        }
        steps = run.stepTokens.enumerated().map { step, tokens in
            Step(step: step, tokens: tokens, load: .routing(records.map { $0[step] }))
        }
        agreement = RoutingAgreement(layers.compactMap(\.agreement), tolerance: tolerance)
    }
}

extension RoutedLayer {
    /// Copies that the router asked for.
    fileprivate var copies: Int {
        steps.reduce(0) { $0 + $1.expertCopies.reduce(0, +) + $1.expertDropped.reduce(0, +) }
    }
}

extension LoadFigures {
    /// The figures of records without ranks: those over ranks are not known.
    fileprivate static func routing(_ steps: [StepRecord]) -> LoadFigures {
        LoadFigures(FigureAccumulator(steps, ranks: 1, keepsValues: true))
    }
}

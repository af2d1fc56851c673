public import MoE
public import Records

/// An accumulator of figures over steps: the one way from records to figures, for reports, rows of steps and live
/// views.
///
/// Accumulators over different layers or steps add up. One that keeps values gives medians and percentiles, and grows
/// with the run; one that does not gives means and sums, and stays as small as it was.
public struct FigureAccumulator: Equatable, Sendable {
    /// The sums of one figure and, where they are kept, its single values.
    private struct Tally: Equatable, Sendable {
        /// The running mean of the values per (step, layer) or per step.
        var each = RunningMean()
        /// The single values, for medians and percentiles; empty unless they are kept.
        var values: [Double] = []
        /// Sums of amounts: of the numerator (`part`) and, for a ratio, of the denominator (`whole`).
        var part = 0.0
        var whole = 0.0
        var amounts = 0

        mutating func add(_ value: Double?, keepsValue: Bool) {
            guard let value, value.isFinite else { return }
            each.add(value)
            if keepsValue { values.append(value) }
        }

        mutating func add(_ other: Tally) {
            each.add(other.each)
            values += other.values
            part += other.part
            whole += other.whole
            amounts += other.amounts
        }
    }

    /// The number of steps that were added.
    public private(set) var steps = 0
    /// The tokens of all steps that were added.
    public private(set) var tokens = 0
    /// The seconds of all steps that were added.
    public private(set) var seconds = 0.0
    /// The values of the router's losses, in the order in which the losses first came.
    public private(set) var losses: [LossValues] = []
    private let keepsValues: Bool
    /// The sums of each figure, in the order of the catalogue.
    private var tallies = [Tally](repeating: Tally(), count: Figure.catalogue.count)

    /// An accumulator without steps.
    ///
    /// - Parameter keepsValues: true for medians and percentiles.
    public init(keepsValues: Bool = false) {
        self.keepsValues = keepsValues
    }

    /// An accumulator of the steps of a run on `ranks` ranks.
    public init(_ steps: some Sequence<StepRecord>, ranks: Int, keepsValues: Bool = false) {
        self.init(keepsValues: keepsValues)
        for step in steps { add(step, ranks: ranks) }
    }

    /// Add a step of a run on `ranks` ranks.
    public mutating func add(_ step: StepRecord, ranks: Int) {
        steps += 1
        tokens += step.tokens
        seconds += step.seconds
        let pace = StepPace(tokens: step.tokens, seconds: step.seconds, ranks: ranks)
        for (place, rule) in Self.rulesOfSteps {
            guard case .spreadOverSteps(let value) = rule else { continue }
            tallies[place].add(value(pace), keepsValue: keepsValues)
        }
        for layer in step.layers { add(LayerSample(layer, tokens: step.tokens, ranks: ranks)) }
    }

    /// Add a layer of a step, without the step's own figures.
    public mutating func add(_ sample: LayerSample) {
        for (index, rule) in Self.rulesOfLayers {
            switch rule {
            case .spread(let value): tallies[index].add(value(sample), keepsValue: keepsValues)
            case .mean(let value): tallies[index].add(value(sample), keepsValue: false)
            case .total(let amount), .perStep(let amount), .shareOfTime(let amount):
                guard let value = amount.value(sample) else { continue }
                tallies[index].part += value
                tallies[index].amounts += 1
                tallies[index].add(value, keepsValue: false)
            case .ratio(let part, let whole), .largestRatio(let part, let whole):
                guard let part = part.value(sample), let whole = whole.value(sample) else { continue }
                tallies[index].part += part
                tallies[index].whole += whole
                tallies[index].amounts += 1
                tallies[index].add(Average.ratio(part, whole), keepsValue: false)
            case .spreadOverSteps, .said: continue
            }
        }
        guard sample.experts != nil else { return }
        for loss in sample.record.losses {
            if let index = losses.firstIndex(where: { $0.name == loss.name }) {
                losses[index].add(loss, keepsValue: keepsValues)
            } else {
                losses.append(LossValues(loss, keepsValue: keepsValues))
            }
        }
    }

    /// Add the sums of an accumulator over other steps or layers.
    public mutating func add(_ other: FigureAccumulator) {
        steps += other.steps
        tokens += other.tokens
        seconds += other.seconds
        for index in tallies.indices { tallies[index].add(other.tallies[index]) }
        for loss in other.losses {
            if let index = losses.firstIndex(where: { $0.name == loss.name }) {
                losses[index].add(loss)
            } else {
                losses.append(loss)
            }
        }
    }

    /// The running mean of a figure's values, one per (step, layer), or per step for a figure of steps.
    public subscript(each figure: Figure) -> RunningMean { tally(figure).each }

    /// The value of a counter over all steps that were added.
    public subscript(counter: Counter) -> Double {
        counter.isWhole ? tallies[counter.place].whole : tallies[counter.place].part
    }

    /// The value of a figure over all steps that were added, the mean for a spread; nil where no step or layer counts.
    public subscript(figure: Figure) -> Double? {
        let tally = tally(figure)
        return switch figure.rule {
        case .spread, .spreadOverSteps, .mean: tally.each.mean
        case .total: tally.part
        case .perStep: tally.amounts > 0 ? Average.ratio(tally.part, Double(steps)) : nil
        case .shareOfTime: tally.amounts > 0 ? Average.ratio(tally.part, seconds) : nil
        case .ratio: Average.ratio(tally.part, tally.whole)
        case .largestRatio: tally.each.largest
        case .said: nil
        }
    }

    /// True where no layer of any step has a routed copy, though there are layers.
    public var isWithoutLoad: Bool {
        let layers = self[each: .layersWithoutLoad]
        return layers.count > 0 && layers.sum == Double(layers.count)
    }

    /// Return the figures of one section of a report, as far as they follow from records.
    public func values(of section: Figure.Section) -> FigureValues {
        var values = FigureValues()
        for figure in Figure.all(in: section) {
            switch figure.form {
            case .spread: values[spread: figure] = Spread(tally(figure).values)
            case .number: values[figure] = self[figure]
            case .whole: values[whole: figure] = self[figure].flatMap { Int(exactly: $0.rounded()) }
            }
        }
        return values
    }

    private func tally(_ figure: Figure) -> Tally {
        Self.places[figure.path].map { tallies[$0] } ?? Tally()
    }

    /// The rules that read a whole step, with their indices in the catalogue; `rulesOfLayers` are those that read a
    /// layer.
    private static let rulesOfSteps = rules.filter { if case .spreadOverSteps = $0.rule { true } else { false } }
    private static let rulesOfLayers = rules.filter {
        switch $0.rule {
        case .spreadOverSteps, .said: false
        default: true
        }
    }
    private static let rules = Figure.catalogue.enumerated().map { (place: $0.offset, rule: $0.element.rule) }

    private static let places = Dictionary(
        uniqueKeysWithValues: Figure.catalogue.enumerated().map { ($1.path, $0) }
    )
}

/// A counter metric of a live run, which sums an amount of the catalogue.
public struct Counter: Sendable {
    /// The amount that is counted.
    public let amount: Amount
    /// The name of the metric without `epsim_` and `_total`.
    public let name: String
    fileprivate let place: Int
    fileprivate let isWhole: Bool

    /// All counters, in the order of the catalogue.
    public static let all: [Counter] = {
        var counters: [Counter] = []
        for (place, figure) in Figure.catalogue.enumerated() {
            for (index, amount) in figure.amounts.enumerated() {
                guard let name = amount.metric, !counters.contains(where: { $0.name == name }) else { continue }
                counters.append(Counter(amount: amount, name: name, place: place, isWhole: index == 1))
            }
        }
        return counters
    }()
}

extension Figure {
    /// The amounts that the figure sums, the numerator first.
    fileprivate var amounts: [Amount] {
        switch rule {
        case .total(let amount), .perStep(let amount), .shareOfTime(let amount): [amount]
        case .ratio(let part, let whole), .largestRatio(let part, let whole): [part, whole]
        case .spread, .spreadOverSteps, .mean, .said: []
        }
    }
}

/// The values of one loss of the router, one per (step, layer) that reports it.
public struct LossValues: Equatable, Sendable {
    /// The loss with the value that was reported last.
    public private(set) var last: BalanceLoss
    /// The running mean of the values.
    public private(set) var each = RunningMean()
    /// The single values; empty unless they are kept.
    private(set) var values: [Double] = []

    /// The name of the loss in its paper.
    public var name: String { last.name }

    init(_ loss: BalanceLoss, keepsValue: Bool) {
        last = loss
        add(loss, keepsValue: keepsValue)
    }

    mutating func add(_ loss: BalanceLoss, keepsValue: Bool) {
        last = loss
        each.add(loss.value)
        if keepsValue { values.append(loss.value) }
    }

    mutating func add(_ other: LossValues) {
        last = other.last
        each.add(other.each)
        values += other.values
    }
}

public import MoE
public import Records

/// The figures of steps as they come: the one way from records to figures, for reports, for rows of steps and for live views.
///
/// Accumulators over different layers or steps add up. One that keeps values gives medians and percentiles, and grows with
/// the run; one that does not gives means and sums, and stays as small as it was.
public struct FigureAccumulator: Equatable, Sendable {
    /// What is kept of one figure.
    private struct Tally: Equatable, Sendable {
        /// The values per (step, layer) or step.
        var each = RunningMean()
        /// The values themselves, where they are kept.
        var values: [Double] = []
        /// Sums of amounts: of that above the line and that below.
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

    /// Steps that were added.
    public private(set) var steps = 0
    /// Their tokens.
    public private(set) var tokens = 0
    /// Their seconds.
    public private(set) var seconds = 0.0
    /// The losses of the router, in the order in which they first came.
    public private(set) var losses: [LossValues] = []
    private let keepsValues: Bool
    /// By figure, in the order of the catalogue.
    private var tallies = [Tally](repeating: Tally(), count: Figure.catalogue.count)

    /// Nothing yet.
    ///
    /// - Parameter keepsValues: true for medians and percentiles.
    public init(keepsValues: Bool = false) {
        self.keepsValues = keepsValues
    }

    /// The figures of steps of a run on `ranks` ranks.
    public init(_ steps: some Sequence<StepRecord>, ranks: Int, keepsValues: Bool = false) {
        self.init(keepsValues: keepsValues)
        for step in steps { add(step, ranks: ranks) }
    }

    /// Add a step of a run on `ranks` ranks.
    public mutating func add(_ step: StepRecord, ranks: Int) {
        steps += 1
        tokens += step.tokens
        seconds += step.seconds
        for (place, rule) in Self.rulesOfSteps {
            guard case .spreadOverSteps(let value) = rule else { continue }
            tallies[place].add(value(step), keepsValue: keepsValues)
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
        for loss in sample.record.losses {
            if let index = losses.firstIndex(where: { $0.name == loss.name }) {
                losses[index].add(loss, keepsValue: keepsValues)
            } else {
                losses.append(LossValues(loss, keepsValue: keepsValues))
            }
        }
    }

    /// Add what another accumulator has of other steps or layers.
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

    /// The values of a figure per (step, layer), or per step where it is one of steps: their sum, number and last.
    public subscript(each figure: Figure) -> RunningMean { tally(figure).each }

    /// What a counter has come to.
    public subscript(counter: Counter) -> Double {
        counter.isWhole ? tallies[counter.place].whole : tallies[counter.place].part
    }

    /// The figure over all that was added; of a spread the mean. Nil where nothing counts for it.
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

    /// The figures of one part of a report that follow from records.
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

    /// The rules that are asked for each step, and those that are asked for each layer, with their places.
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

/// Something that a live run counts up: an amount of the catalogue that has a name for it.
public struct Counter: Sendable {
    /// What is counted.
    public let amount: Amount
    /// Its name, without prefix and suffix.
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
    /// The amounts that it is about, that above the line first.
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
    /// The last of them.
    public private(set) var last: BalanceLoss
    /// Their sum and number.
    public private(set) var each = RunningMean()
    /// The values themselves, where they are kept.
    private(set) var values: [Double] = []

    /// What it is called in its paper.
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

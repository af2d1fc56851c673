public import Tensors

/// The plan of a run's matrix products: the classes of their numbers of rows, and the forms chosen for them.
public struct ProductPlan: Codable, Equatable, Sendable {
    /// The class of a routed expert's number of rows.
    public var routed: WorkClass
    /// The class of a common expert's number of rows.
    public var everyToken: WorkClass
    /// The forms that were chosen for the run's product shapes.
    public var forms: ProductForms
    /// The name of the processor on which the forms were chosen, or empty where none were chosen.
    public var processor = ""

    /// Create the plan of a run, in which no processor is named yet.
    ///
    /// - Parameters:
    ///   - tokens: tokens of a step.
    ///   - copies: routed experts that a token visits, k.
    ///   - experts: routed experts of a layer, E.
    public init(tokens: Int, copies: Int, experts: Int, forms: ProductForms = ProductForms()) {
        routed = WorkClass(tokens: tokens, copies: copies, experts: experts)
        everyToken = WorkClass(meanRows: Double(tokens))
        self.forms = forms
    }

    /// The forms that a process uses: all when it runs one thread on the plan's processor, else only those for any
    /// number of rows.
    ///
    /// A form of fixed height keeps bits only where that was seen, and a process takes another one elsewhere.
    public func forms(on processor: String, threads: Int) -> ProductForms {
        processor == self.processor && threads == 1 ? forms : forms.ofAnyHeight
    }

    /// Whether weights that a process holds by this plan can stay as they are under another plan: same processor, and
    /// same form for every matrix.
    public func holdsWeights(as other: ProductPlan, of model: ModelShape, dtype: DType) -> Bool {
        func forms(_ plan: ProductPlan) -> [ProductForm?] {
            let routed = model.expert.products(dtype, plan.routed)
            let common = model.commonExperts.map { $0.shape.products(dtype, plan.everyToken) }
            return ([routed] + common).flatMap { [plan.forms[$0.up], plan.forms[$0.down]] }
        }
        return processor == other.processor && forms(self) == forms(other)
    }

    /// The shapes of the products of a model's experts, each once.
    public func shapes(of model: ModelShape, dtype: DType) -> [ProductShape] {
        var shapes: [ProductShape] = []
        let experts =
            [(model.expert, routed)] + model.commonExperts.map { ($0.shape, everyToken) }
        for (expert, work) in experts where !expert.returnsInput {
            let products = expert.products(dtype, work)
            for shape in [products.up, products.down] where !shapes.contains(shape) { shapes.append(shape) }
        }
        return shapes
    }
}

/// The class of an expert's mean number of rows in a step.
///
/// Known before any routing, and the same for every cut of the work into chunks, micro-batches and workers: the form of
/// a product follows from it, so that no cut changes a bit.
public enum WorkClass: String, CaseIterable, Codable, Hashable, Sendable {
    /// Fewer than 12 rows an expert: reading the weights takes most of the time.
    case few
    /// From 12 to fewer than 100 rows an expert.
    case tens
    /// 100 rows an expert or more: multiplying takes most of the time.
    case hundreds

    /// Create the class of experts that have `meanRows` rows on average.
    public init(meanRows: Double) {
        self = meanRows < 12 ? .few : meanRows < 100 ? .tens : .hundreds
    }

    /// Create the class of routed experts, from their mean number of rows.
    ///
    /// - Parameters:
    ///   - tokens: tokens of a step.
    ///   - copies: experts that a token visits, k.
    ///   - experts: experts of a layer, E.
    public init(tokens: Int, copies: Int, experts: Int) {
        self.init(meanRows: Double(tokens) * Double(copies) / Double(max(1, experts)))
    }

    /// The class in words, for example `tens of rows`.
    public var rows: String { self == .few ? "few rows" : "\(rawValue) of rows" }

    /// Number of rows with which products of this class are timed.
    public var typicalRows: Int {
        switch self {
        case .few: 4
        case .tens: 48
        case .hundreds: 240
        }
    }
}

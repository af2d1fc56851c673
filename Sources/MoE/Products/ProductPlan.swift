public import Tensors

/// The classes of a run's products, and the forms that were chosen for them.
public struct ProductPlan: Codable, Equatable, Sendable {
    /// The class of a routed expert's number of rows.
    public var routed: WorkClass
    /// The class of a common expert's number of rows.
    public var everyToken: WorkClass
    /// The forms that were chosen.
    public var forms: ProductForms
    /// The processor that the forms were chosen on; empty where none was chosen.
    public var processor = ""

    /// A plan in which nothing is chosen yet.
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

    /// The forms for a process: all on one thread of the processor that they were chosen on, else those of any height.
    ///
    /// A form of fixed height keeps bits only where that was seen, and a process takes another one elsewhere.
    public func forms(on processor: String, threads: Int) -> ProductForms {
        processor == self.processor && threads == 1 ? forms : forms.ofAnyHeight
    }

    /// Whether the weights that a process holds by this plan are in the forms that another plan wants, whatever the
    /// classes of work.
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
    /// Fewer than 12: reading the weights takes the time.
    case few
    /// Fewer than 100.
    case tens
    /// 100 or more: multiplying takes the time.
    case hundreds

    /// The class of experts that have so many rows in the mean.
    public init(meanRows: Double) {
        self = meanRows < 12 ? .few : meanRows < 100 ? .tens : .hundreds
    }

    /// The class of routed experts.
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

    /// The number of rows that products are measured with: a multiple of the heights that are tried.
    public var typicalRows: Int {
        switch self {
        case .few: 4
        case .tens: 48
        case .hundreds: 240
        }
    }
}

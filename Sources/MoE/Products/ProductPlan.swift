public import Tensors

/// The classes of a run's products, and the forms that were chosen for them.
public struct ProductPlan: Codable, Equatable, Sendable {
    /// The work of a routed expert.
    public var routed: WorkClass
    /// The work of a common expert.
    public var everyToken: WorkClass
    /// The forms.
    public var forms: ProductForms
    /// The processor that they were chosen on; empty where nothing was chosen.
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

    /// The forms for a process on some processor: fixed heights keep bits where that was seen, and so on one thread of the
    /// processor that they were chosen on; there are others where they do not.
    public func forms(on processor: String, threads: Int) -> ProductForms {
        processor == self.processor && threads == 1 ? forms : forms.ofAnyHeight
    }

    /// Whether a process that has loaded a model's experts by one plan has them as another wants them: in the same forms,
    /// whatever the classes of work.
    public func holdsWeights(as other: ProductPlan, of model: ModelShape, dtype: DType) -> Bool {
        func forms(_ plan: ProductPlan) -> [ProductForm?] {
            let routed = model.expert.products(dtype, plan.routed)
            let common = model.commonExperts.map { $0.shape.products(dtype, plan.everyToken) }
            return ([routed] + common).flatMap { [plan.forms[$0.up], plan.forms[$0.down]] }
        }
        return processor == other.processor && forms(self) == forms(other)
    }

    /// The products of a model's experts, each once.
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

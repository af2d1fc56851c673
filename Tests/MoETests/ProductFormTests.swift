import Tensors
import Testing

@testable import MoE

@Suite struct ProductFormTests {
    @Test(arguments: [(0, WorkClass.few), (11.9, .few), (12, .tens), (99.9, .tens), (100, .hundreds), (1e9, .hundreds)])
    func workFollowsFromTheMeanRows(rows: Double, work: WorkClass) {
        #expect(WorkClass(meanRows: rows) == work)
    }

    /// DeepSeek-V3's 8 of 256 experts: 4,096 tokens are 128 rows for each.
    @Test func routedAndCommonExpertsDiffer() {
        let plan = ProductPlan(tokens: 1024, copies: 8, experts: 256)
        #expect(plan.routed == .tens)
        #expect(plan.everyToken == .hundreds)
        #expect(ProductPlan(tokens: 4096, copies: 8, experts: 256).routed == .hundreds)
        #expect(ProductPlan(tokens: 8, copies: 0, experts: 0).routed == .few)
    }

    @Test(arguments: WorkClass.allCases)
    func typicalRowsAreOfTheirClass(work: WorkClass) {
        #expect(WorkClass(meanRows: Double(work.typicalRows)) == work)
    }

    @Test(arguments: [DType.f32, .bf16], WorkClass.allCases)
    func candidatesAreDifferentAndFitABlock(dtype: DType, work: WorkClass) {
        let candidates = ProductForm.candidates(
            for: ProductShape(inputs: 8, outputs: 8, dtype: dtype, work: work)
        )
        #expect(Set(candidates).count == candidates.count)
        #expect(candidates.first == ProductForm(.packedMatmul))
        #expect(candidates.allSatisfy { (1...RowBlock.most).contains($0.blockRows ?? 1) })
        #expect(dtype == .bf16 || candidates.allSatisfy { $0.holding == .own })
    }

    @Test func shapesOfAModelOccurOnce() {
        let expert = ExpertShape(hidden: 8, ffn: 16, activation: .swiglu)
        let copy = ExpertShape(hidden: 8, ffn: 0, activation: .swiglu)
        let plan = ProductPlan(tokens: 100, copies: 1, experts: 1)
        let model = ModelShape(layers: 2, experts: 1, expert: expert, sharedExpert: expert, denseExpert: copy)
        #expect(
            plan.shapes(of: model, dtype: .bf16) == [
                ProductShape(inputs: 8, outputs: 16, dtype: .bf16, work: .hundreds),
                ProductShape(inputs: 16, outputs: 8, dtype: .bf16, work: .hundreds),
            ]
        )
    }

    @Test func firstChoiceOfAShapeCounts() {
        let shape = ProductShape(inputs: 8, outputs: 16, dtype: .bf16, work: .few)
        let forms = ProductForms([
            ProductForms.Choice(shape: shape, form: ProductForm(.convolution, holding: .singles)),
            ProductForms.Choice(shape: shape, form: ProductForm(.packedMatmul)),
        ])
        #expect(forms[shape] == ProductForm(.convolution, holding: .singles))
        let converted = ProductForm(.convolution, holding: .converted)
        #expect(forms.inLessMemory([shape])[shape] == converted)
        #expect(forms.inLessMemory([shape]).choices.count == 1)
        #expect(ProductForms().inLessMemory([shape])[shape] == converted)
    }

    /// Another class with the same forms needs no other weights.
    @Test func weightsStayWhereFormsDo() {
        let expert = ExpertShape(hidden: 8, ffn: 16, activation: .swiglu)
        let model = ModelShape(layers: 1, experts: 1, expert: expert)
        var (few, many) = (
            ProductPlan(tokens: 8, copies: 1, experts: 1), ProductPlan(tokens: 800, copies: 1, experts: 1)
        )
        #expect(few.holdsWeights(as: many, of: model, dtype: .f32))
        let up = expert.products(.f32, .hundreds).up
        many.forms = ProductForms([ProductForms.Choice(shape: up, form: ProductForm(.packedMatmul))])
        #expect(!few.holdsWeights(as: many, of: model, dtype: .f32))
        let same = expert.products(.f32, .few).up
        few.forms = ProductForms([ProductForms.Choice(shape: same, form: ProductForm(.packedMatmul))])
        #expect(few.holdsWeights(as: many, of: model, dtype: .f32))
    }

    /// A height keeps bits where that was seen.
    @Test func fixedHeightsHoldForOneThreadOfOneProcessor() {
        let shape = ProductShape(inputs: 8, outputs: 16, dtype: .f32, work: .few)
        var plan = ProductPlan(tokens: 8, copies: 1, experts: 1)
        plan.processor = "P"
        plan.forms = ProductForms([
            ProductForms.Choice(shape: shape, form: ProductForm(.transposedMatmul, blockRows: 4))
        ])
        #expect(plan.forms(on: "P", threads: 1) == plan.forms)
        #expect(plan.forms(on: "P", threads: 2).choices.isEmpty)
        #expect(plan.forms(on: "Q", threads: 1).choices.isEmpty)
    }

    @Test(arguments: [1, 12, 13, 48, 240, 256, 257, 500, 1000], [nil, 1, 12, 48, 120, 240])
    func blocksAreMultiplesOfTheHeight(rows: Int, height: Int?) {
        let size = RowBlock.size(for: rows, height: height)
        #expect(size > 0 && size <= RowBlock.most && size % (height ?? 32) == 0)
    }
}

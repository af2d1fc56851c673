public import MoE

/// The model of a rank's experts: a roofline per expert on its own rows, and the launch of the products, which
/// overlaps the roofline or precedes it.
///
/// The equations stand in the article *How time is modelled*.
public struct ComputeModel: Sendable {
    /// The hardware profile.
    public let profile: HardwareProfile
    /// The form in which products are launched.
    public let kernel: ProductKernel
    /// The work of a routed expert.
    public let work: ExpertWork
    private let rates: ProductRates
    private let routed: ExpertRoofline

    /// A model of one kind of expert.
    ///
    /// - Throws: ``HardwareError`` when the work is in fp8 and the hardware has no such products.
    public init(profile: HardwareProfile, kernel: ProductKernel, work: ExpertWork) throws(HardwareError) {
        guard !work.isIn8Bits || profile[.fp8Peak] > 0 else {
            throw HardwareError(
                "hardware.products: found fp8, allowed: bf16, as \(profile.name) has no products in fp8"
            )
        }
        self.profile = profile
        self.kernel = kernel
        self.work = work
        rates = ProductRates(profile, kernel)
        routed = ExpertRoofline(work, rates)
    }

    /// Seconds that all routed experts of a rank take in one layer.
    ///
    /// - Parameters:
    ///   - rows: rows of each of them, with or without any, `[experts of the rank]`.
    ///   - tokens: different tokens that the rank received; their summed outputs are written in token order.
    public func seconds(rows: some Collection<Double>, tokens: Double) -> Double {
        // Experts that return their input have no products to launch.
        guard !work.shape.returnsInput else { return 0 }
        // One loop over numbers, whatever the collection is.
        let rows = Array(rows)
        return switch kernel {
        case .contiguous: contiguous(rows, tokens)
        case .masked: masked(rows)
        }
    }

    /// Seconds of one common expert, which may have another shape, on the rank's own tokens.
    public func seconds(of other: ExpertWork, tokens: Double) -> Double {
        tokens > 0 && !other.shape.returnsInput ? ExpertRoofline(other, rates).seconds(rows: tokens) : 0
    }

    /// The hardware constants that the equations of this model read.
    public var constants: Set<HardwareConstant> {
        let peaks: Set<HardwareConstant> = [work.isIn8Bits ? .fp8Peak : .bf16Peak, .memoryBandwidth]
        return switch kernel {
        case .contiguous:
            peaks.union([
                .contiguousLaunch, .contiguousProductEfficiency, .contiguousMemoryEfficiency,
                .contiguousGatherEfficiency,
                .contiguousTileRows,
            ])
        case .masked:
            peaks.union([
                .maskedLaunch, .maskedSlot, .maskedProductEfficiency, .maskedMemoryEfficiency, .maskedTileRows,
            ])
        }
    }

    /// Seconds of packed products, t = sqrt(launch² + g²): the host launches kernel after kernel while the device
    /// computes for g.
    private func contiguous(_ rows: [Double], _ tokens: Double) -> Double {
        let passes = (work.activationRowBytes(.contiguous) + work.permutationRowBytes) / rates.memoryBytesPerSecond
        var device = tokens * 2 * Double(work.shape.hidden) / rates.gatherBytesPerSecond
        for rows in rows where rows > 0 {
            device += routed.seconds(rows: rows) + routed.padded(rows) * passes
        }
        return (rates.launch * rates.launch + device * device).squareRoot()
    }

    /// Seconds of masked products, t = launch + slots + experts: a captured graph runs its kernels one after the other.
    private func masked(_ rows: [Double]) -> Double {
        let pass = work.activationRowBytes(.masked) / rates.memoryBytesPerSecond
        var seconds = rates.launch + Double(rows.count) * rates.slot
        for rows in rows where rows > 0 { seconds += routed.seconds(rows: rows) + rows * pass }
        return seconds
    }
}

/// Seconds of one expert by its rows: sqrt(memory² + products²). Weights are read once, however few rows there are.
struct ExpertRoofline {
    private let weightSeconds: Double
    /// Seconds of moving one row from and to memory.
    private let rowSeconds: Double
    /// Seconds of the products of one row.
    private let productSeconds: Double
    private let tileRows: Double
    private let movesPadding: Bool

    init(_ work: ExpertWork, _ rates: ProductRates) {
        weightSeconds = work.weightBytes / rates.memoryBytesPerSecond
        rowSeconds = work.productRowBytes / rates.memoryBytesPerSecond
        productSeconds = Double(work.shape.flopsPerToken) / rates.flopsPerSecond(work)
        tileRows = rates.tileRows
        movesPadding = rates.kernel == .contiguous
    }

    /// Seconds of the expert for its rows.
    ///
    /// - Parameter rows: above 0. Fewer than one on average means that the expert is used in that share of the steps.
    func seconds(rows: Double) -> Double {
        let computed = padded(rows)
        let memory = weightSeconds * min(rows, 1) + (movesPadding ? computed : rows) * rowSeconds
        let products = computed * productSeconds
        return (memory * memory + products * products).squareRoot()
    }

    /// Rows that are computed for `rows`: rounded up to whole tiles.
    func padded(_ rows: Double) -> Double { (rows / tileRows).rounded(.up) * tileRows * min(rows, 1) }
}

/// The launch time and the rates of one kind of products, derived from the constants of a profile.
struct ProductRates {
    /// The form in which products are launched.
    let kernel: ProductKernel
    /// Seconds of launching a layer's products.
    let launch: Double
    /// Seconds that each expert slot of a rank adds.
    let slot: Double
    let tileRows: Double
    let memoryBytesPerSecond: Double
    let gatherBytesPerSecond: Double
    private let flopsIn8Bits: Double
    private let flopsIn16Bits: Double

    init(_ profile: HardwareProfile, _ kernel: ProductKernel) {
        self.kernel = kernel
        let isContiguous = kernel == .contiguous
        launch = profile[isContiguous ? .contiguousLaunch : .maskedLaunch] * 1e-6
        slot = isContiguous ? 0 : profile[.maskedSlot] * 1e-6
        tileRows = profile[isContiguous ? .contiguousTileRows : .maskedTileRows]
        let memory = profile[.memoryBandwidth] * 1e9
        memoryBytesPerSecond = memory * profile[isContiguous ? .contiguousMemoryEfficiency : .maskedMemoryEfficiency]
        gatherBytesPerSecond = memory * profile[.contiguousGatherEfficiency]
        let efficiency = profile[isContiguous ? .contiguousProductEfficiency : .maskedProductEfficiency]
        flopsIn8Bits = profile[.fp8Peak] * 1e12 * efficiency
        flopsIn16Bits = profile[.bf16Peak] * 1e12 * efficiency
    }

    func flopsPerSecond(_ work: ExpertWork) -> Double { work.isIn8Bits ? flopsIn8Bits : flopsIn16Bits }
}

/// The operations and bytes of one expert's products, by shape and number types.
public struct ExpertWork: Equatable, Sendable {
    /// The shape of the expert.
    public let shape: ExpertShape
    /// True for fp8 products with fp8 weights, false for bf16.
    public let isIn8Bits: Bool

    /// The work of one expert of a shape.
    public init(shape: ExpertShape, isIn8Bits: Bool) {
        self.shape = shape
        self.isIn8Bits = isIn8Bits
    }

    /// Bytes of the weights: 1 or 2 each; scales of fp8 blocks, one single for 128 x 128 weights, are left out.
    public var weightBytes: Double { Double(shape.parameterCount) * operandBytes }

    /// Bytes that the products read and write for one row beside weights: operands in the number type of the products,
    /// results in bf16.
    public var productRowBytes: Double {
        let (hidden, inner) = (Double(shape.hidden), Double(shape.ffn))
        return operandBytes * (hidden + inner) + 2 * (innerWidth + hidden)
    }

    /// Bytes of the activation of one row: results of the first products in, operands of the last product out.
    public func activationRowBytes(_ kernel: ProductKernel) -> Double {
        let inner = Double(shape.ffn)
        switch kernel {
        // Activation and conversion to fp8 are two passes there, with bf16 in between.
        case .contiguous where isIn8Bits: return 2 * innerWidth + 2 * inner + 3 * inner
        case .contiguous, .masked: return 2 * innerWidth + operandBytes * inner
        }
    }

    /// Bytes of putting one row into the order of the experts, and of reading its output from that order.
    public var permutationRowBytes: Double { Double(shape.hidden) * (2 * operandBytes + 2) }

    /// The number of values that the first products of an expert give for one row.
    private var innerWidth: Double { Double((shape.matrixCount - 1) * shape.ffn) }

    private var operandBytes: Double { isIn8Bits ? 1 : 2 }
}

/// The form in which a rank launches the products of its experts.
public enum ProductKernel: String, Codable, CaseIterable, Sendable {
    /// Rows of all experts packed one behind the other, those of each expert padded to whole tiles, launched by the
    /// host: prefill.
    case contiguous
    /// A fixed slot per expert, of which only filled rows are computed, in a captured graph: decode.
    case masked
}

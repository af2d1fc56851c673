import MoE

/// Seconds of a rank's experts: a roofline per expert on its own rows, and the launch that hides it or comes before it.
///
/// The equations stand in the article *How time is modelled*.
public struct ComputeModel: Sendable {
    /// The hardware.
    public let profile: HardwareProfile
    /// How products are launched.
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

    /// Seconds of all experts of a rank.
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

    /// Seconds of one dense network of another shape on the rank's own tokens.
    public func seconds(of other: ExpertWork, tokens: Double) -> Double {
        tokens > 0 && !other.shape.returnsInput ? ExpertRoofline(other, rates).seconds(rows: tokens) : 0
    }

    /// The constants that its equations read.
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

    /// t = sqrt(launch² + g²): the host launches kernel after kernel while the device computes.
    private func contiguous(_ rows: [Double], _ tokens: Double) -> Double {
        let passes = (work.activationRowBytes(.contiguous) + work.permutationRowBytes) / rates.memoryBytesPerSecond
        var device = tokens * 2 * Double(work.shape.hidden) / rates.gatherBytesPerSecond
        for rows in rows where rows > 0 {
            device += routed.seconds(rows: rows) + routed.padded(rows) * passes
        }
        return (rates.launch * rates.launch + device * device).squareRoot()
    }

    /// t = launch + slots + experts: a captured graph runs its kernels one after the other.
    private func masked(_ rows: [Double]) -> Double {
        let pass = work.activationRowBytes(.masked) / rates.memoryBytesPerSecond
        var seconds = rates.launch + Double(rows.count) * rates.slot
        for rows in rows where rows > 0 { seconds += routed.seconds(rows: rows) + rows * pass }
        return seconds
    }
}

internal import COneDNN

/// The oneDNN that this program was linked with.
public enum ComputeLibrary {
    /// Its version and the threading that it was built with.
    public static var version: String {
        guard let version = unsafe dnnl_version()?.pointee else { return "unknown version" }
        return unsafe "\(version.major).\(version.minor).\(version.patch)"
    }

    /// The widest instruction set that it uses on this processor, as `DNNL_MAX_CPU_ISA` names it in small letters.
    public static var instructionSet: String {
        let names = [
            (dnnl_cpu_isa_sse41, "sse41"), (dnnl_cpu_isa_avx, "avx"), (dnnl_cpu_isa_avx2, "avx2"),
            (dnnl_cpu_isa_avx2_vnni, "avx2_vnni"), (dnnl_cpu_isa_avx512_core, "avx512_core"),
            (dnnl_cpu_isa_avx512_core_vnni, "avx512_core_vnni"), (dnnl_cpu_isa_avx512_core_bf16, "avx512_core_bf16"),
            (dnnl_cpu_isa_avx512_core_amx, "avx512_core_amx"),
        ]
        let set = dnnl_get_effective_cpu_isa()
        return names.first { $0.0 == set }?.1 ?? "isa \(set.rawValue)"
    }
}

internal import CLibvirt

extension LibvirtConnection {
    func list(_ object: EventKind.Object) -> Result<Listing, ListingFailure> {
        let answer = call { pointer -> Result<Listing, ListingFailure>? in
            do throws(LibvirtError) {
                let listing = try ObjectLister(connection: pointer).list(object)
                guard listing.objects.count <= HostState.limit else {
                    return .failure(ListingFailure("more than \(HostState.limit) objects"))
                }
                return .success(listing)
            } catch {
                let message = registrar.uri.redacting(error.message)
                return .failure(ListingFailure(message, isUnsupported: error.isUnsupported))
            }
        }
        return answer ?? .failure(ListingFailure("the connection is closed"))
    }
}

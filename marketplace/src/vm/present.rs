//! Says who is there.

use crate::conversation::role::Role;
use crate::vm::Vm;
use crate::vm::add_endpoint::role_heard;

impl Vm {
    /// The roles in which an endpoint of this role would hear of its peers if it came now, in the
    /// order in which these were created.
    pub(crate) fn present(&mut self, role: &Role) -> Vec<Role> {
        let peers = self.network.peers(role.orientation, &role.topic);
        let endpoints = &self.network.endpoints;
        let roles =
            peers.iter().filter_map(|peer| role_heard(role, &endpoints.get(peer.slot)?.role())).collect();
        self.network.recycle(peers);
        roles
    }
}

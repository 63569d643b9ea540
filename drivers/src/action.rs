//! Makes a driver with settings an action.

/// Makes this type stand for the action that its `spawn` gives, wherever actions are asked for.
macro_rules! stands_for_its_spawn {
    ($driver:ty) => {
        impl<S> ::marketplace::IntoActionTree<S> for $driver {
            fn append_to(self, actions: &mut ::marketplace::ActionTree<S>) {
                self.spawn().append_to(actions);
            }
        }

        impl<S> ::marketplace::IntoPreActions<S> for $driver {
            fn each(self, each: &mut dyn FnMut(::marketplace::PreAction<S>)) {
                self.spawn().each(each);
            }
        }
    };
}
pub(crate) use stands_for_its_spawn;

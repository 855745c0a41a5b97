// Linked instead of the algorithms' .cu files. No other file asks whether CUDA was built: this one
// answers for all of them (and no_device.cpp for the look for a device).

import { HardwareTypes } from "./audit-hardware.ts";
import type { HardwareClass, HardwareValue } from "./hardware-object-type.ts";

/**
 * The hardware classes of an opsi server out of the box: what the collectors look for on each platform and where it
 * is kept. (objects §6.14, inventory §2.4, 2.5)
 * WMI, Linux and OSX are read by the collectors: field names and expressions of theirs. (inventory §3)
 */
export const defaultHardwareClasses: readonly HardwareClass[] = [
  {
    Class: { Opsi: "DEVICE_ID", Type: "VIRTUAL" },
    Values: [
      ofModel("deviceType", "varchar(10)", { WMI: "PNPDeviceID.split('\\\\')[0]" }),
      ofModel("vendorId", "varchar(4)", {
        WMI: "PNPDeviceID.split('\\\\')[1].replace('FUNC_01&', '').split('&')[0].split('_')[1]",
        Linux: "vendorId",
      }),
      ofModel("deviceId", "varchar(4)", {
        WMI: "PNPDeviceID.split('\\\\')[1].replace('FUNC_01&', '').split('&')[1].split('_')[1]",
        Linux: "deviceId",
      }),
      ofModel("subsystemVendorId", "varchar(4)", {
        WMI: "PNPDeviceID.split('\\\\')[1].replace('FUNC_01&', '').split('&')[2].split('_')[1][:4]",
        Linux: "subsystemVendorId",
      }),
      ofModel("subsystemDeviceId", "varchar(4)", {
        WMI: "PNPDeviceID.split('\\\\')[1].replace('FUNC_01&', '').split('&')[2].split('_')[1][4:]",
        Linux: "subsystemDeviceId",
      }),
      ofModel("revision", "varchar(8)", {
        WMI: "PNPDeviceID.split('\\\\')[1].replace('FUNC_01&', '').split('&')[3].split('_')[1]",
        Linux: "revision",
      }),
    ],
  },
  {
    Class: { Opsi: "BASIC_INFO", Type: "VIRTUAL" },
    Values: [
      ofModel("name", "varchar(100)", { WMI: "Name", Linux: "product" }),
      ofModel("description", "varchar(100)", { WMI: "Description", Linux: "description" }),
    ],
  },
  {
    Class: { Opsi: "HARDWARE_DEVICE", Type: "VIRTUAL", Super: ["BASIC_INFO"] },
    Values: [
      ofModel("vendor", "varchar(50)", { WMI: "Manufacturer", Linux: "vendor" }),
      ofModel("model", "varchar(100)", { WMI: "Model", Linux: "product" }),
      ofPiece("serialNumber", "varchar(50)", { WMI: "SerialNumber", Linux: "serial" }),
    ],
  },
  {
    Class: {
      Opsi: "COMPUTER_SYSTEM",
      Type: "STRUCTURAL",
      Super: ["HARDWARE_DEVICE"],
      WMI: "select * from Win32_ComputerSystem;select UUID from Win32_ComputerSystemProduct",
      Linux: "[lshw]system",
      OSX: "[profiler]Hardware",
    },
    Values: [
      ofPiece("name", "varchar(100)", { WMI: "Name", Linux: "id", OSX: "Model Name" }),
      ofPiece("systemUUID", "varchar(36)", { WMI: "UUID.lower()", Linux: "configuration/uuid", OSX: "" }),
      ofPiece("systemType", "varchar(50)", { WMI: "SystemType", Linux: "configuration/chassis" }),
      ofPiece("totalPhysicalMemory", "bigint", {
        WMI: "TotalPhysicalMemory",
        Linux: "core/memory/size",
        OSX: "Memory",
        Unit: "Byte",
      }),
      ofPiece("sku", "varchar(255)", {
        Linux: "configuration/sku",
        OSX: "Model Identifier",
        Registry: "[HKEY_LOCAL_MACHINE\\HARDWARE\\DESCRIPTION\\System\\BIOS]SystemSKU",
      }),
      ofPiece("dellexpresscode", "varchar(50)", {
        Cmd: "#dellexpresscode\\dellexpresscode.exe#.split('=')[1]",
        Python: "str(int(#{'COMPUTER_SYSTEM':'serialNumber','CHASSIS':'serialNumber'}#,36))",
        Condition: "vendor=[dD]ell*",
      }),
    ],
  },
  {
    Class: {
      Opsi: "CHASSIS",
      Type: "STRUCTURAL",
      Super: ["BASIC_INFO"],
      WMI: "Select * from Win32_SystemEnclosure",
      Linux: "[lshw]system",
      OSX: "[profiler]Hardware",
    },
    Values: [
      ofModel("name", "varchar(64)", { WMI: "Caption", Linux: "configuration/chassis" }),
      ofModel("chassisType", "varchar(40)", { WMI: "ChassisTypes", Linux: "configuration/chassis" }),
      ofPiece("installDate", "varchar(40)", { WMI: "InstallDate", Linux: "" }),
      ofPiece("serialNumber", "varchar(50)", { WMI: "SerialNumber", Linux: "serial", OSX: "Serial Number (system)" }),
    ],
  },
  {
    Class: {
      Opsi: "BASE_BOARD",
      Type: "STRUCTURAL",
      Super: ["HARDWARE_DEVICE"],
      WMI: "select * from Win32_BaseBoard",
      Linux: "[lshw]bus:^core",
      OSX: "[profiler]Hardware",
    },
    Values: [
      ofModel("name", "varchar(100)", { WMI: "Product", Linux: "description" }),
      ofModel("product", "varchar(100)", { WMI: "Product", Linux: "product", OSX: "Model Name" }),
    ],
  },
  {
    Class: {
      Opsi: "BIOS",
      Type: "STRUCTURAL",
      Super: ["HARDWARE_DEVICE"],
      WMI: "select * from Win32_BIOS",
      Linux: "[lshw]memory:^firmware",
      OSX: "[profiler]Hardware",
    },
    Values: [
      ofModel("name", "varchar(100)", { WMI: "Product", Linux: "description", OSX: "Apple ROM Info" }),
      ofPiece("version", "varchar(50)", { WMI: "Version", Linux: "version", OSX: "Boot ROM Version" }),
    ],
  },
  {
    Class: {
      Opsi: "SYSTEM_SLOT",
      Type: "STRUCTURAL",
      Super: ["BASIC_INFO"],
      WMI: "select * from Win32_SystemSlot",
      Linux: "[dmidecode]System Slot Information",
      OSX: "[profiler]Hardware",
    },
    Values: [
      ofModel("name", "varchar(50)", { WMI: "SlotDesignation", Linux: "Designation" }),
      ofPiece("currentUsage", "varchar(20)", { WMI: "CurrentUsage", Linux: "Current Usage" }),
      ofPiece("status", "varchar(20)", { WMI: "Status" }),
      ofPiece("maxDataWidth", "bigint", { WMI: "MaxDataWidth", Linux: "Type.split('-bit')[0]", Unit: "Bit" }),
    ],
  },
  {
    Class: {
      Opsi: "PORT_CONNECTOR",
      Type: "STRUCTURAL",
      Super: ["BASIC_INFO"],
      WMI: "select * from Win32_PortConnector",
      Linux: "[dmidecode]Port Connector Information",
    },
    Values: [
      ofPiece("name", "varchar(60)", {
        WMI: "ExternalReferenceDesignator || InternalReferenceDesignator",
        Linux: "External Reference Designator || Internal Reference Designator",
      }),
      ofPiece("connectorType", "varchar(60)", { WMI: "ConnectorType", Linux: "Port Type" }),
      ofPiece("internalDesignator", "varchar(60)", {
        WMI: "InternalReferenceDesignator",
        Linux: "Internal Reference Designator",
      }),
      ofPiece("internalConnectorType", "varchar(60)", {
        WMI: "InternalConnectorType",
        Linux: "Internal Connector Type",
      }),
      ofPiece("externalDesignator", "varchar(60)", {
        WMI: "ExternalReferenceDesignator",
        Linux: "External Reference Designator",
      }),
      ofPiece("externalConnectorType", "varchar(60)", {
        WMI: "ExternalConnectorType",
        Linux: "External Connector Type",
      }),
    ],
  },
  {
    Class: {
      Opsi: "PROCESSOR",
      Type: "STRUCTURAL",
      Super: ["HARDWARE_DEVICE"],
      WMI: "select * from Win32_Processor",
      Linux: "[dmidecode]Processor Information",
      OSX: "[sysctl]machdep//cpu",
    },
    Values: [
      ofModel("name", "varchar(100)", { WMI: "Name", Linux: "Version", OSX: "brand_string.split('@')[0]" }),
      ofModel("description", "varchar(100)", { WMI: "Description", Linux: "Signature", OSX: "features" }),
      ofModel("vendor", "varchar(50)", { WMI: "Manufacturer", Linux: "Manufacturer", OSX: "vendor" }),
      ofPiece("serialNumber", "varchar(50)", { WMI: "ProcessorId", Linux: "ID", OSX: "signature" }),
      ofModel("architecture", "varchar(50)", { WMI: "Architecture" }),
      ofPiece("NumberOfCores", "tinyint", { WMI: "NumberOfCores", Linux: "Core Count", OSX: "core_count" }),
      ofPiece("NumberOfLogicalCores", "tinyint", {
        WMI: "NumberOfLogicalProcessors",
        Linux: "Thread Count",
        OSX: "thread_count",
      }),
      ofModel("family", "varchar(50)", { WMI: "Family", Linux: "Family", OSX: "family" }),
      ofPiece("currentClockSpeed", "bigint", {
        WMI: "CurrentClockSpeed*1000*1000",
        Linux: "Current Speed",
        OSX: "brand_string.split('@')[1]",
        Unit: "Hz",
      }),
      ofModel("maxClockSpeed", "bigint", {
        WMI: "MaxClockSpeed*1000*1000",
        Linux: "Max Speed",
        OSX: "brand_string.split('@')[1]",
        Unit: "Hz",
      }),
      ofPiece("extClock", "bigint", { WMI: "ExtClock*1000*1000", Linux: "External Clock", Unit: "Hz" }),
      ofModel("addressWidth", "bigint", { WMI: "AddressWidth", OSX: "address_bits//virtual", Unit: "Bit" }),
      ofPiece("socketDesignation", "varchar(100)", { WMI: "SocketDesignation", Linux: "Socket Designation" }),
      ofPiece("voltage", "double", { WMI: "CurrentVoltage/10.0", Linux: "Voltage", Unit: "V" }),
    ],
  },
  {
    Class: {
      Opsi: "MEMORY_BANK",
      Type: "STRUCTURAL",
      Super: ["BASIC_INFO"],
      WMI: "select * from Win32_PhysicalMemoryArray",
      Linux: "[dmidecode]Physical Memory Array",
    },
    Values: [
      ofModel("name", "varchar(100)", { WMI: "Use", Linux: "Use" }),
      ofPiece("location", "varchar(50)", { WMI: "Location", Linux: "Location" }),
      ofModel("maxCapacity", "bigint", { WMI: "MaxCapacity*1024", Linux: "Maximum Capacity", Unit: "Byte" }),
      ofModel("slots", "tinyint", { WMI: "MemoryDevices", Linux: "Number Of Devices" }),
    ],
  },
  {
    Class: {
      Opsi: "MEMORY_MODULE",
      Type: "STRUCTURAL",
      Super: ["HARDWARE_DEVICE"],
      WMI: "select * from Win32_PhysicalMemory",
      Linux: "[dmidecode]Memory Device:Size.find('No Module') == -1",
      OSX: "[profiler]Memory//Memory Slots|Memory",
    },
    Values: [
      ofModel("name", "varchar(100)", { WMI: "DeviceLocator", Linux: "Locator" }),
      ofModel("capacity", "bigint", { WMI: "Capacity", Linux: "Size", OSX: "Size", Unit: "Byte" }),
      ofPiece("deviceLocator", "varchar(100)", { WMI: "DeviceLocator", Linux: "Bank Locator" }),
      ofModel("formFactor", "varchar(10)", { WMI: "FormFactor", Linux: "Form Factor" }),
      ofModel("speed", "bigint", { WMI: "Speed*1000*1000", OSX: "Speed", Unit: "Hz" }),
      ofModel("memoryType", "varchar(20)", { WMI: "MemoryType", Linux: "Type", OSX: "Type" }),
      ofModel("dataWidth", "bigint", { WMI: "DataWidth", Linux: "Data Width", Unit: "Bit" }),
      ofPiece("tag", "varchar(100)", { WMI: "Tag" }),
    ],
  },
  {
    Class: {
      Opsi: "CACHE_MEMORY",
      Type: "STRUCTURAL",
      Super: ["BASIC_INFO"],
      WMI: "select * from Win32_CacheMemory",
      Linux: "[dmidecode]Cache Information",
      OSX: "[profiler]Hardware",
    },
    Values: [
      ofModel("name", "varchar(50)", { WMI: "Purpose", Linux: "Socket Designation" }),
      ofModel("installedSize", "bigint", {
        WMI: "InstalledSize*1024",
        Linux: "Installed Size",
        OSX: "L3 Cache",
        Unit: "Byte",
      }),
      ofModel("maxSize", "bigint", { WMI: "MaxCacheSize*1024", Linux: "Maximum Size", OSX: "L3 Cache", Unit: "Byte" }),
      ofModel("location", "varchar(10)", { WMI: "Location", Linux: "Location" }),
      ofModel("level", "varchar(10)", { WMI: "Level", Linux: "Configuration.split(',')[-1].strip()" }),
    ],
  },
  {
    Class: {
      Opsi: "PCI_DEVICE",
      Type: "STRUCTURAL",
      Super: ["DEVICE_ID", "HARDWARE_DEVICE"],
      WMI: "select * from Win32_PNPEntity where DeviceID like 'PCI\\%'",
      Linux: "[lshw].*:.*:businfo.startswith('pci@')",
    },
    Values: [ofPiece("busId", "varchar(60)", { WMI: "", Linux: "businfo.split('@')[-1]" })],
  },
  {
    Class: { Opsi: "CONTROLLER", Type: "VIRTUAL", Super: ["DEVICE_ID", "HARDWARE_DEVICE"] },
    Values: [],
  },
  {
    Class: {
      Opsi: "NETWORK_CONTROLLER",
      Type: "STRUCTURAL",
      Super: ["CONTROLLER"],
      WMI: "Select * from Win32_NetworkAdapter&Win32_NetworkAdapterSetting",
      Linux: "[lshw]network|bridge:^bridge:description.find('interface') != -1",
      OSX: "[profiler]Network",
    },
    Values: [
      ofModel("adapterType", "varchar(40)", { WMI: "AdapterType", Linux: "configuration/port" }),
      ofModel("maxSpeed", "bigint", { WMI: "Speed", Linux: "capacity", Unit: "Bit/s" }),
      ofPiece("macAddress", "varchar(20)", { WMI: "MACAddress", Linux: "serial", OSX: "Ethernet//MAC Address" }),
      ofPiece("netConnectionStatus", "varchar(20)", { WMI: "NetConnectionStatus", Linux: "configuration/link" }),
      ofModel("autoSense", "varchar(20)", { WMI: "AutoSense", Linux: "configuration/autonegotiation" }),
      ofPiece("ipEnabled", "varchar(60)", { WMI: "IPEnabled", Linux: "" }),
      ofPiece("ipAddress", "varchar(60)", {
        WMI: "IPAddress",
        Linux: "configuration/ip",
        OSX: "IPv4//Addresses||IPv6//Addresses",
      }),
    ],
  },
  {
    Class: {
      Opsi: "AUDIO_CONTROLLER",
      Type: "STRUCTURAL",
      Super: ["CONTROLLER"],
      WMI: "select * from Win32_SoundDevice where NOT DeviceID like 'HDAUDIO\\%'",
      Linux: "[lshw]multimedia",
      OSX: "[profiler]Audio",
    },
    Values: [],
  },
  {
    Class: {
      Opsi: "HDAUDIO_DEVICE",
      Type: "STRUCTURAL",
      Super: ["BASIC_INFO", "DEVICE_ID"],
      WMI: "select * from Win32_SoundDevice where DeviceID like 'HDAUDIO\\%'",
      Linux: "[hdaudio]",
    },
    Values: [
      ofModel("name", "varchar(100)", { WMI: "Name", Linux: "codec" }),
      ofModel("address", "varchar(10)", { WMI: "", Linux: "address" }),
    ],
  },
  {
    Class: {
      Opsi: "IDE_CONTROLLER",
      Type: "STRUCTURAL",
      Super: ["CONTROLLER"],
      WMI: "select * from Win32_IdeController",
      Linux: "[lshw]storage:^ide",
    },
    Values: [],
  },
  {
    Class: {
      Opsi: "SCSI_CONTROLLER",
      Type: "STRUCTURAL",
      Super: ["CONTROLLER"],
      WMI: "select * from Win32_ScsiController",
      Linux: "[lshw]storage:^scsi",
    },
    Values: [],
  },
  {
    Class: {
      Opsi: "FLOPPY_CONTROLLER",
      Type: "STRUCTURAL",
      Super: ["CONTROLLER"],
      WMI: "select * from Win32_FloppyController",
    },
    Values: [],
  },
  {
    Class: {
      Opsi: "USB_CONTROLLER",
      Type: "STRUCTURAL",
      Super: ["CONTROLLER"],
      WMI: "select * from Win32_UsbController",
      Linux: "[lshw]bus:^usb",
    },
    Values: [],
  },
  {
    Class: {
      Opsi: "1394_CONTROLLER",
      Type: "STRUCTURAL",
      Super: ["CONTROLLER"],
      WMI: "select * from Win32_1394Controller",
      Linux: "[lshw]bus:^firewire",
    },
    Values: [],
  },
  {
    Class: {
      Opsi: "PCMCIA_CONTROLLER",
      Type: "STRUCTURAL",
      Super: ["CONTROLLER"],
      WMI: "select * from Win32_PCMCIAController",
      Linux: "[lshw]bus:^pcmcia",
    },
    Values: [],
  },
  {
    Class: {
      Opsi: "VIDEO_CONTROLLER",
      Type: "STRUCTURAL",
      Super: ["CONTROLLER"],
      WMI: "select * from Win32_VideoController",
      Linux: "[lshw]display",
      OSX: "[profiler]Graphics/Displays",
    },
    Values: [
      ofModel("videoProcessor", "varchar(20)", { WMI: "VideoProcessor", OSX: "Chipset Model" }),
      ofModel("adapterRAM", "bigint", { WMI: "AdapterRAM", Linux: "size", OSX: "VRAM (Total)", Unit: "Byte" }),
    ],
  },
  {
    Class: { Opsi: "DRIVE", Type: "VIRTUAL", Super: ["HARDWARE_DEVICE"] },
    Values: [ofPiece("size", "bigint", { WMI: "Size", Linux: "size", Unit: "Byte" })],
  },
  {
    Class: { Opsi: "FLOPPY_DRIVE", Type: "STRUCTURAL", Super: ["DRIVE"], WMI: "select * from Win32_FloppyDrive" },
    Values: [],
  },
  {
    Class: { Opsi: "TAPE_DRIVE", Type: "STRUCTURAL", Super: ["DRIVE"], WMI: "select * from Win32_TapeDrive" },
    Values: [],
  },
  {
    Class: {
      Opsi: "HARDDISK_DRIVE",
      Type: "STRUCTURAL",
      Super: ["DRIVE"],
      WMI: "select * from Win32_DiskDrive&Win32_DiskDrivePhysicalMedia",
      Linux: "[lshw]disk:^disk",
      OSX: "[profiler]Storage",
    },
    Values: [
      ofModel("name", "varchar(100)", { WMI: "Model", Linux: "product", OSX: "Physical Drive//Device Name" }),
      ofModel("cylinders", "bigint", { WMI: "TotalCylinders" }),
      ofModel("heads", "bigint", { WMI: "TotalHeads" }),
      ofModel("sectors", "bigint", { WMI: "TotalSectors" }),
      ofPiece("partitions", "tinyint", { WMI: "Partitions" }),
    ],
  },
  {
    Class: {
      Opsi: "DISK_PARTITION",
      Type: "STRUCTURAL",
      Super: ["BASIC_INFO"],
      WMI: "select * from Win32_DiskPartition&Win32_LogicalDiskToPartition",
      Linux: "[lshw]volume:^volume",
      OSX: "[profiler]Storage",
    },
    Values: [
      ofModel("name", "varchar(50)", { WMI: "Name", Linux: "logicalname", OSX: "BSD Name" }),
      ofPiece("size", "bigint", { WMI: "Size", Linux: "capacity", OSX: "Capacity", Unit: "Byte" }),
      ofPiece("startingOffset", "bigint", { WMI: "StartingOffset" }),
      ofPiece("index", "bigint", { WMI: "Index", Linux: "businfo.split(',', 1)[1]" }),
      ofPiece("filesystem", "varchar(50)", {
        WMI: "LogicalDisk::FileSystem",
        Linux: "description.replace('partition', '')",
        OSX: "File System",
      }),
      ofPiece("freeSpace", "bigint", { WMI: "LogicalDisk::FreeSpace", OSX: "Free", Unit: "Byte" }),
      ofPiece("driveLetter", "varchar(2)", { WMI: "LogicalDisk::Caption" }),
    ],
  },
  {
    Class: {
      Opsi: "OPTICAL_DRIVE",
      Type: "STRUCTURAL",
      Super: ["DRIVE"],
      WMI: "select * from Win32_CDROMDrive",
      Linux: "[lshw]disk:^cdrom",
    },
    Values: [ofPiece("driveLetter", "varchar(2)", { WMI: "Drive" })],
  },
  {
    Class: {
      Opsi: "USB_DEVICE",
      Type: "STRUCTURAL",
      Super: ["HARDWARE_DEVICE"],
      WMI: "select * from Win32_PNPEntity where DeviceID like 'USB\\%'",
      Linux: "[lsusb]",
      OSX: "[profiler]USB",
    },
    Values: [
      ofModel("name", "varchar(100)", { WMI: "Caption", Linux: "device/iProduct.split(' ', 1)[1]" }),
      ofModel("vendor", "varchar(50)", { WMI: "Manufacturer", Linux: "device/idVendor.split(' ', 1)[1]" }),
      ofModel("model", "varchar(100)", { WMI: "Caption", Linux: "device/iProduct.split(' ', 1)[1]" }),
      ofModel("vendorId", "varchar(4)", {
        WMI: "PNPDeviceID.split('VID_')[1][0:4]",
        Linux: "device/idVendor.split()[0].split('x')[1]",
        OSX: "PCI Vendor ID.split('x')[1]",
      }),
      ofModel("deviceId", "varchar(4)", {
        WMI: "PNPDeviceID.split('PID_')[1][0:4]",
        Linux: "device/idProduct.split()[0].split('x')[1]",
        OSX: "PCI Device ID.split('x')[1]",
      }),
      ofModel("usbRelease", "varchar(8)", { Linux: "device/bcdUSB" }),
      ofModel("maxPower", "bigint", {
        Linux: "configuration/MaxPower.split('m')[0]",
        OSX: "Current Required (mA)",
        Unit: "mA",
      }),
      ofModel("interfaceClass", "varchar(500)", {
        WMI: "Service",
        Linux: "interface/bInterfaceClass.split(' ', 1)[1]",
      }),
      ofModel("interfaceSubClass", "varchar(500)", { Linux: "interface/bInterfaceSubClass.split(' ', 1)[1]" }),
      ofModel("interfaceProtocol", "varchar(200)", { Linux: "interface/bInterfaceProtocol.split(' ', 1)[1]" }),
      ofModel("status", "varchar(200)", { WMI: "Status", Linux: "status.partition(',')[2].strip()" }),
    ],
  },
  {
    Class: {
      Opsi: "MONITOR",
      Type: "STRUCTURAL",
      Super: ["HARDWARE_DEVICE"],
      WMI: "select * from Win32_DesktopMonitor",
      OSX: "[profiler]Graphics/Displays",
    },
    Values: [
      ofModel("vendor", "varchar(50)", { WMI: "MonitorManufacturer", OSX: "Vendor ID.split('x')[1]" }),
      ofPiece("screenWidth", "bigint", { WMI: "ScreenWidth", OSX: "Resolution.split(' ', 1)[0]" }),
      ofPiece("screenHeight", "bigint", { WMI: "ScreenHeight", OSX: "Resolution.split(' ', 2)[2]" }),
    ],
  },
  {
    Class: { Opsi: "KEYBOARD", Type: "STRUCTURAL", Super: ["HARDWARE_DEVICE"], WMI: "select * from Win32_Keyboard" },
    Values: [ofModel("numberOfFunctionKeys", "bigint", { WMI: "NumberOfFunctionKeys" })],
  },
  {
    Class: {
      Opsi: "POINTING_DEVICE",
      Type: "STRUCTURAL",
      Super: ["HARDWARE_DEVICE"],
      WMI: "select * from Win32_PointingDevice",
    },
    Values: [ofModel("numberOfButtons", "tinyint", { WMI: "NumberOfButtons" })],
  },
  {
    Class: { Opsi: "PRINTER", Type: "STRUCTURAL", Super: ["HARDWARE_DEVICE"], WMI: "select * from Win32_Printer" },
    Values: [
      ofModel("horizontalResolution", "bigint", { WMI: "HorizontalResolution", Unit: "dpi" }),
      ofModel("verticalResolution", "bigint", { WMI: "VerticalResolution", Unit: "dpi" }),
      ofModel("capabilities", "varchar(200)", { WMI: "Capabilities" }),
      ofModel("paperSizesSupported", "varchar(200)", { WMI: "PaperSizesSupported" }),
      ofPiece("driverName", "varchar(100)", { WMI: "DriverName" }),
      ofPiece("port", "varchar(20)", { WMI: "PortName" }),
    ],
  },
  {
    Class: {
      Opsi: "TPM",
      Type: "STRUCTURAL",
      Super: ["HARDWARE_DEVICE"],
      WMI: "namespace=root\\cimv2\\security\\microsofttpm:SELECT * FROM Win32_Tpm",
      Linux: "[dmidecode]TPM Device",
    },
    Values: [
      ofModel("manufacturer", "varchar(100)", { WMI: "ManufacturerIdTxt", Linux: "Vendor ID" }),
      ofModel("version", "varchar(100)", { WMI: "SpecVersion", Linux: "Specification Version" }),
      ofModel("manufacturerversion", "varchar(100)", { WMI: "ManufacturerVersion", Linux: "Firmware Revision" }),
      ofModel("enabled", "varchar(10)", { WMI: "IsEnabled_InitialValue" }),
    ],
  },
];

/** The types of a server whose administrator has configured nothing. */
export const defaultHardwareTypes = new HardwareTypes(defaultHardwareClasses);

/** Scope `g`: what all pieces of a model have in common. */
function ofModel(name: string, type: string, sources: Sources): HardwareValue {
  return { Opsi: name, Type: type, Scope: "g", ...sources };
}

/** Scope `i`: what belongs to the single piece. */
function ofPiece(name: string, type: string, sources: Sources): HardwareValue {
  return { Opsi: name, Type: type, Scope: "i", ...sources };
}

type Sources = Omit<HardwareValue, "Opsi" | "Type" | "Scope">;
